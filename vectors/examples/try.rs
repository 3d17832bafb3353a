fn main() {
    match dxos_vectors::generate::files(&[]) {
        Err(error) => println!("{error}"),
        Ok(files) => {
            for file in files.iter().filter(|file| file.group.starts_with("kube/")) {
                let text = serde_json::to_string_pretty(file).unwrap();
                let neg = file.cases.iter().filter(|c| c.derive.is_some()).count();
                println!("{} {} cases {} negative {} bytes", file.group, file.cases.len(), neg, text.len());
                let path = format!("/tmp/vec/{}.json", file.group.replace('/', "_"));
                std::fs::write(path, text).unwrap();
            }
        }
    }
}
