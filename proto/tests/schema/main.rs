//! The schemas are those of deployed peers: every message, field and enumeration, and nothing else.
//!
//! The tables were written from the deployed schemas, not from the `.proto` files here, so that a slip of
//! the hand in either shows.
#![forbid(unsafe_code)]
// The helpers are part of the tests: a failure there is a failure of the test.
#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::field_descriptor_proto::{Label, Type};
use dxos_proto::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
};

/// `message: number name type label, …`.
///
/// Names are those of JSON.  `PK` is `PublicKey`, `TS` is `Timestamp`, `TF` is `TimeframeVector`; packages
/// are left out.  Labels: none is implicit presence, `o` optional, `r` repeated, `kind` a member of that
/// oneof, and `e` is implicit in the deployed schema but `optional` in ours.  That is intended: deployed
/// writers write an enumeration if, and only if, it was set, 0 included, and deployed readers drop a frame
/// without `seq` where they would have to fill in 0.  Presence is what `optional` keeps.  The message in
/// `SpaceCache` is bytes in ours: its schema is that of the older data plane.
const MESSAGES: &str = "
    PublicKey: 1 data bytes
    PrivateKey: 1 data bytes

    TimeframeVector: 1 frames TimeframeVector.Frame r
    TimeframeVector.Frame: 1 feedKey bytes, 3 seq int32 e

    FeedMessage: 1 timeframe TF, 2 payload FeedMessage.Payload
    FeedMessage.Payload: 10 credential CredentialsMessage payload, 11 data DataMessage payload
    CredentialsMessage: 1 credential Credential
    DataMessage: 2 batch EchoObjectBatch

    EchoObjectBatch: 1 objects EchoObject r
    EchoObject: 1 objectId string, 2 meta MutationMeta o, 10 genesis EchoObject.Genesis o,
        13 snapshot EchoObject.Snapshot o, 14 mutations EchoObject.Mutation r
    EchoObject.Genesis: 2 modelType string, 3 modelVersion string o
    EchoObject.Snapshot: 1 deleted bool o, 2 parentId string o, 10 model Any o
    EchoObject.Mutation: 1 meta MutationMeta o, 10 parentId string o, 11 action EchoObject.Mutation.Action o,
        12 model Any o
    MutationMeta: 1 feedKey PK o, 2 seq int32 o, 3 memberKey PK o, 4 timeframe TF o, 5 clientTag string r

    EchoMetadata: 1 version int32, 2 created TS, 3 updated TS, 10 identity IdentityRecord o,
        11 spaces SpaceMetadata r, 12 invitations Invitation r
    IdentityRecord: 1 identityKey PK, 2 deviceKey PK, 3 haloSpace SpaceMetadata, 4 profileSpace SpaceMetadata o,
        5 profile ProfileDocument o
    SpaceMetadata: 1 key PK, 2 feedKeys PK r, 3 dataFeedKey PK o, 4 controlFeedKey PK o, 5 dataTimeframe TF o,
        6 genesisFeedKey PK o, 8 controlTimeframe TF o, 9 cache SpaceCache o, 10 state SpaceState o,
        11 edgeReplication EdgeReplicationSetting o
    SpaceCache: 1 properties bytes o
    LargeSpaceMetadata: 1 controlPipelineSnapshot ControlPipelineSnapshot o
    ControlPipelineSnapshot: 1 timeframe TF, 2 messages ControlPipelineSnapshot.ControlMessage r
    ControlPipelineSnapshot.ControlMessage: 1 feedKey PK, 2 credential Credential

    KeyRecord: 1 publicKey bytes, 2 privateKey bytes o

    Credential: 1 id PK o, 2 issuer PK, 3 issuanceDate TS, 4 expirationDate TS o, 5 expirationRef bytes o,
        10 subject Claim, 11 proof Proof o, 12 parentCredentialIds PK r
    Claim: 1 id PK, 2 assertion Any
    Proof: 1 type string, 2 creationDate TS, 3 signer PK, 4 nonce bytes o, 5 value bytes, 6 chain Chain o
    Chain: 1 credential Credential
    Presentation: 1 credentials Credential r, 2 proofs Proof r
    SpaceGenesis: 1 spaceKey PK
    SpaceMember: 1 spaceKey PK, 2 role SpaceMember.Role e, 3 profile ProfileDocument o, 4 genesisFeedKey PK,
        5 invitationCredentialId PK o
    MemberProfile: 3 profile ProfileDocument o
    AuthorizedDevice: 1 identityKey PK, 2 deviceKey PK
    AdmittedFeed: 1 spaceKey PK, 2 identityKey PK, 3 deviceKey PK, 4 designation AdmittedFeed.Designation e
    Epoch: 1 number uint32, 2 previousId PK o, 10 timeframe TF, 11 snapshotCid string o,
        12 automergeRoot string o
    HaloSpace: 1 identityKey PK, 2 haloKey PK
    IdentityRecovery: 1 identityKey PK, 2 recoveryKey PK, 3 algorithm string o, 4 lookupKey PK o
    ProfileDocument: 1 displayName string o, 2 avatarCid string o, 10 data Struct o
    IdentityProfile: 1 profile ProfileDocument
    DeviceProfileDocument: 1 label string o, 2 platform string o, 3 platformVersion string o,
        4 architecture string o, 5 os string o, 6 osVersion string o, 7 type DeviceType o
    DeviceProfile: 1 profile DeviceProfileDocument
    DefaultSpace: 1 spaceId string
    KubeAccess: 1 kubeKey PK, 2 identityKey PK, 3 capabilities string r
    ServiceAccess: 1 serverName string, 2 serverMetadata Struct o, 3 serverKey PK, 4 identityKey PK,
        5 capabilities string r
    KeyInfo: 1 name string o
    Auth:

    InvitationOptions: 1 role InvitationOptions.Role e
    IntroductionRequest: 1 profile ProfileDocument o, 2 invitationId string o
    IntroductionResponse: 1 authMethod Invitation.AuthMethod e, 2 challenge bytes o, 100 spaceKey PK o
    AuthenticationRequest: 1 authCode string o, 2 signedChallenge bytes o
    AuthenticationResponse: 1 status AuthenticationResponse.Status o
    AdmissionRequest: 1 device DeviceAdmissionRequest kind, 2 space SpaceAdmissionRequest kind
    DeviceAdmissionRequest: 1 deviceKey PK, 2 controlFeedKey PK, 3 dataFeedKey PK,
        4 profile DeviceProfileDocument o
    SpaceAdmissionRequest: 1 identityKey PK, 2 deviceKey PK, 3 controlFeedKey PK, 4 dataFeedKey PK
    AdmissionResponse: 1 device DeviceAdmissionCredentials kind, 2 space SpaceAdmissionCredentials kind
    DeviceAdmissionCredentials: 1 identityKey PK, 2 haloSpaceKey PK, 3 genesisFeedKey PK,
        4 controlTimeframe TF o, 5 credential Credential
    SpaceAdmissionCredentials: 1 credential Credential, 2 controlTimeframe TF o, 3 dataTimeframe TF o
    DelegateSpaceInvitation: 1 invitationId string, 2 authMethod Invitation.AuthMethod e, 3 swarmKey PK,
        4 role SpaceMember.Role e, 5 guestKey PK o, 6 expiresOn TS o, 7 multiUse bool
    CancelDelegatedInvitation: 1 credentialId PK

    Invitation: 1 invitationId string, 2 type Invitation.Type e, 3 kind Invitation.Kind e,
        4 authMethod Invitation.AuthMethod e, 5 swarmKey PK, 6 state Invitation.State e, 7 timeout int32 o,
        8 identityKey PK o, 9 spaceKey PK o, 10 authCode string o, 11 target string o, 12 persistent bool o,
        13 created TS o, 14 lifetime int32 o, 15 multiUse bool o, 16 guestKeypair AdmissionKeypair o,
        17 delegationCredentialId PK o, 18 role SpaceMember.Role o, 19 spaceId string o
    AdmissionKeypair: 1 publicKey PK, 2 privateKey PrivateKey o
";

/// `enumeration: number name, …`.
const ENUMERATIONS: &str = "
    SpaceMember.Role: 0 INVALID, 1 ADMIN, 2 EDITOR, 3 READER, 4 OWNER, 5 REMOVED
    AdmittedFeed.Designation: 0 GENERAL, 1 CONTROL, 2 DATA
    DeviceType: 0 UNKNOWN, 1 BROWSER, 2 NATIVE, 3 AGENT, 4 AGENT_MANAGED, 5 MOBILE

    InvitationOptions.Role: 0 GUEST, 1 HOST
    AuthenticationResponse.Status: 0 OK, 1 INVALID_OTP, 2 INVALID_OPT_ATTEMPTS, 3 INTERNAL_ERROR,
        4 INVALID_SIGNATURE

    EchoObject.Mutation.Action: 0 NOOP, 1 DELETE, 2 RESTORE
    EdgeReplicationSetting: 0 DISABLED, 1 ENABLED
    SpaceState: 0 INVALID, 1 SPACE_CLOSED, 2 SPACE_INACTIVE, 3 SPACE_READY, 4 SPACE_INITIALIZING,
        5 SPACE_ERROR, 6 SPACE_ACTIVE, 7 SPACE_CONTROL_ONLY, 8 SPACE_REQUIRES_MIGRATION

    Invitation.Type: 0 INTERACTIVE, 1 DELEGATED, 2 MULTIUSE
    Invitation.Kind: 0 DEVICE, 1 SPACE
    Invitation.AuthMethod: 0 NONE, 1 SHARED_SECRET, 2 KNOWN_PUBLIC_KEY
    Invitation.State: 0 INIT, 1 CONNECTING, 2 CONNECTED, 3 READY_FOR_AUTHENTICATION, 4 AUTHENTICATING,
        5 SUCCESS, 6 CANCELLED, 7 TIMEOUT, 8 ERROR, 9 EXPIRED
";

/// The same for MESH and KUBE, where names recur: each has its package before it, without `dxos.`.
const MESH_KUBE: &str = include_str!("mesh-kube.txt");
const MESH_KUBE_ENUMERATIONS: &str = include_str!("mesh-kube-enumerations.txt");

/// The package of each message and enumeration that is not nested, because names travel in `type_url`.
const PACKAGES: &str = "
    dxos.keys: PublicKey, PrivateKey
    dxos.echo.timeframe: TimeframeVector
    dxos.halo.keyring: KeyRecord
    dxos.halo.credentials: Credential, Claim, Proof, Chain, Presentation, SpaceGenesis, SpaceMember,
        MemberProfile, AuthorizedDevice, AdmittedFeed, Epoch, HaloSpace, IdentityRecovery, ProfileDocument,
        IdentityProfile, DeviceProfileDocument, DeviceType, DeviceProfile, DefaultSpace, KubeAccess,
        ServiceAccess, KeyInfo, Auth
    dxos.halo.invitations: InvitationOptions, IntroductionRequest, IntroductionResponse,
        AuthenticationRequest, AuthenticationResponse, AdmissionRequest, DeviceAdmissionRequest,
        SpaceAdmissionRequest, AdmissionResponse, DeviceAdmissionCredentials, SpaceAdmissionCredentials,
        DelegateSpaceInvitation, CancelDelegatedInvitation
    dxos.client.services: Invitation, AdmissionKeypair, SpaceState
    dxos.echo.feed: FeedMessage, CredentialsMessage, DataMessage
    dxos.echo.object: EchoObjectBatch, EchoObject, MutationMeta
    dxos.echo.metadata: EchoMetadata, IdentityRecord, SpaceMetadata, SpaceCache, EdgeReplicationSetting,
        LargeSpaceMetadata, ControlPipelineSnapshot
";

type Table = BTreeMap<String, BTreeSet<String>>;

/// Reads a table: lines `name: entry, entry`, continued by lines without a colon.
fn table(text: &str) -> Table {
    let mut table = Table::new();
    let mut current = None;
    for line in text.lines() {
        let entries = match line.split_once(':') {
            Some((name, entries)) => {
                let previous = table.insert(name.trim().to_owned(), BTreeSet::new());
                assert_eq!(previous, None, "{name} occurs twice");
                current = table.get_mut(name.trim());
                entries
            }
            None => line,
        };
        for entry in entries.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let fresh = current.as_deref_mut().is_some_and(|entries| entries.insert(entry.to_owned()));
            assert!(fresh, "{entry} occurs twice, or before any name");
        }
    }
    table
}

/// What the descriptors declare, in the form of the tables.
#[derive(Default)]
struct Declared {
    messages: Table,
    enumerations: Table,
    packages: Table,
}

impl Declared {
    fn new() -> Self {
        let mut declared = Self::default();
        for file in files() {
            let scope = scope(file.package());
            let names = file.message_type.iter().map(|message| message.name());
            let names = names.chain(file.enum_type.iter().map(|enumeration| enumeration.name()));
            let names = names.map(str::to_owned);
            if scope.is_empty() {
                declared.packages.entry(file.package().to_owned()).or_default().extend(names);
            }
            file.message_type.iter().for_each(|message| declared.message(&scope, message));
            file.enum_type.iter().for_each(|enumeration| declared.enumeration(&scope, enumeration));
        }
        declared
    }

    fn message(&mut self, scope: &str, message: &DescriptorProto) {
        let name = format!("{scope}{}", message.name());
        let inner = format!("{name}.");
        message.nested_type.iter().for_each(|nested| self.message(&inner, nested));
        message.enum_type.iter().for_each(|nested| self.enumeration(&inner, nested));
        let fields = message.field.iter().map(|field| self::field(message, field)).collect();
        assert_eq!(self.messages.insert(name.clone(), fields), None, "{name} exists in two packages");
    }

    fn enumeration(&mut self, scope: &str, enumeration: &EnumDescriptorProto) {
        let members = enumeration.value.iter().map(|value| format!("{} {}", value.number(), value.name()));
        let name = format!("{scope}{}", enumeration.name());
        assert_eq!(self.enumerations.insert(name.clone(), members.collect()), None, "{name} exists twice");
    }
}

/// The files of deployed schemas; the rest is Google's, or this project's own.
fn files() -> impl Iterator<Item = FileDescriptorProto> {
    let set = FileDescriptorSet::decode(dxos_proto::DESCRIPTORS).expect("the descriptors decode");
    set.file.into_iter().filter(|file| !["google.protobuf", "dxos.kube"].contains(&file.package()))
}

/// What stands before the names of a package in the tables.
fn scope(package: &str) -> String {
    let package = package.trim_start_matches("dxos.");
    let shared = ["config", "error", "rpc", "mesh.", "service."];
    match shared.iter().any(|start| package.starts_with(start)) {
        true => format!("{package}/"),
        false => String::new(),
    }
}

fn field(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    let ty = match field.r#type() {
        Type::Message | Type::Enum => {
            // Packages are lower case, types are not.
            let name = field.type_name().trim_start_matches('.');
            let name = name.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '.');
            match name {
                "PublicKey" => "PK",
                "Timestamp" => "TS",
                "TimeframeVector" => "TF",
                name => name,
            }
            .to_owned()
        }
        ty => ty.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    };
    let oneof = field.oneof_index.and_then(|index| message.oneof_decl.get(usize::try_from(index).ok()?));
    let label = match field.label() {
        Label::Repeated => " r".to_owned(),
        _ if field.proto3_optional() => " o".to_owned(),
        _ => oneof.map(|oneof| format!(" {}", oneof.name())).unwrap_or_default(),
    };
    format!("{} {} {ty}{label}", field.number(), field.json_name())
}

fn assert_same(declared: &Table, expected: &Table) {
    let names = |table: &Table| table.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(declared), names(expected));
    for (name, entries) in expected {
        assert_eq!(declared.get(name), Some(entries), "{name}");
    }
}

#[test]
fn messages_and_fields() {
    let mut expected = table(MESSAGES);
    expected.extend(table(MESH_KUBE));
    for fields in expected.values_mut() {
        *fields = fields
            .iter()
            .map(|field| match field.strip_suffix(" e") {
                Some(field) => format!("{field} o"),
                None => field.clone(),
            })
            .collect();
    }
    let declared = Declared::new();
    assert_same(&declared.messages, &expected);
    let fields: usize = expected.values().map(BTreeSet::len).sum();
    println!("{} messages, {fields} fields", expected.len());
}

#[test]
fn enumerations_and_members() {
    let mut expected = table(ENUMERATIONS);
    expected.extend(table(MESH_KUBE_ENUMERATIONS));
    assert_same(&Declared::new().enumerations, &expected);
    let members: usize = expected.values().map(BTreeSet::len).sum();
    println!("{} enumerations, {members} members", expected.len());
}

#[test]
fn packages() {
    assert_same(&Declared::new().packages, &table(PACKAGES));
}

/// What the readers rest on: proto3 throughout, and no enumeration without presence.
#[test]
fn every_enumeration_keeps_its_presence() {
    for file in files() {
        assert_eq!(file.syntax(), "proto3", "{}", file.name());
    }
    let mut enumerations = table(ENUMERATIONS);
    for name in table(MESH_KUBE_ENUMERATIONS).into_keys() {
        let (_, name) = name.split_once('/').expect("it has a package");
        enumerations.insert(name.to_owned(), BTreeSet::new());
    }
    for (message, fields) in Declared::new().messages {
        for field in fields {
            let mut parts = field.split(' ').skip(2);
            if parts.next().is_some_and(|ty| enumerations.contains_key(ty)) {
                assert_eq!(parts.next(), Some("o"), "{message}: {field}");
            }
        }
    }
}

/// `service: method, …`, methods as they are spelled, with `~` before one that answers with a stream.
const SERVICES: &str = "
    dxos.halo.invitations.InvitationHostService: Options, Introduce, Authenticate, Admit
    dxos.mesh.signal.Signal: ~Join, ~ReceiveMessages, SendMessage
    dxos.service.agentmanager.AgentManager: InitAuthSequence, Authenticate
    dxos.service.publisher.Publisher: Publish, List, Reset
    dxos.service.supervisor.Supervisor: Authenticate, InitAuthSequence, GetConfig, SetConfig, Status
    dxos.service.tunnel.Tunnel: Tunnel, ListTunnels
";

#[test]
fn services() {
    let mut declared = Table::new();
    for file in files() {
        for service in &file.service {
            let methods = service.method.iter().map(|method| {
                let mark = if method.server_streaming() { "~" } else { "" };
                format!("{mark}{}", method.name())
            });
            declared.insert(format!("{}.{}", file.package(), service.name()), methods.collect());
        }
    }
    assert_same(&declared, &table(SERVICES));
}
