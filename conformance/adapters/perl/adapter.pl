#!/usr/bin/env perl
# An adapter in a language that the kit does not cover: Perl, core modules only.  It serves `halo.key.parse`.
use strict;
use warnings;
use JSON::PP;

$| = 1;    # without this, answers wait in a buffer until the runner gives up
my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my @alphabet = ('A' .. 'Z', 2 .. 7);
my %digit = map { $alphabet[$_] => sprintf '%05b', $_ } 0 .. 31;

sub refuse { die { class => $_[0], message => $_[1] } }

# HALO-KEY-011, and of what HALO-KEY-012 allows the prefix
sub read_hex {
    my ($digits) = $_[0] =~ /\A(?:0x)?(.*)\z/s;
    refuse('decode.length', 'no hex, or half a byte') if $digits eq '' or length($digits) % 2;
    refuse('canon.form', 'a character is not lower-case hex') if $digits =~ /[^0-9a-f]/;
    return pack 'H*', $digits;
}

# HALO-KEY-014 and -016
sub read_multibase32 {
    my ($text) = @_;
    refuse('canon.form', 'not B and upper-case base32') unless $text =~ /\AB([A-Z2-7]*)\z/;
    my $bits = join '', map { $digit{$_} } split //, $1;
    my $left = length($bits) % 8;
    refuse('decode.length', 'no number of bytes has so many characters') if $bits eq '' or $left >= 5;
    refuse('canon.form', 'left-over bits are not zero') if $left and substr($bits, -$left) =~ /1/;
    return pack 'B*', substr $bits, 0, length($bits) - $left;
}

# HALO-KEY-013
sub multibase32 {
    my ($bytes) = @_;
    my $bits = unpack 'B*', $bytes;
    $bits .= '0' x (-length($bits) % 5);
    return 'B' . join '', map { $alphabet[oct "0b$_"] } $bits =~ /.{5}/g;
}

my %operations = (
    'hello' => sub {
        return { tp => 1, implementation => { name => 'perl', version => '0.1', language => 'perl' },
            ops => ['halo.key.parse'], features => ['suite.p256'], coarse => [] };
    },
    'halo.key.parse' => sub {
        my ($in) = @_;
        my $key = $in->{form} eq 'hex' ? read_hex($in->{text}) : read_multibase32($in->{text});
        return { key => unpack('H*', $key), multibase32 => multibase32($key) };
    },
);

while (my $line = <STDIN>) {
    my $request = $json->decode($line);
    my $operation = $operations{ $request->{op} };
    my $answer = $operation ? eval { { ok => $operation->($request->{in}) } } : { unsupported => {} };
    $answer //= ref $@ ? { reject => $@ } : { bug => { message => "$@" } };
    print 'TP1 ', $json->encode({ id => $request->{id}, %$answer }), "\n";
}
