mod dxspec_testee;

use dxspec_testee::{Json, Refusal, Testee};

fn main() {
    let features: Vec<String> = std::env::args().skip(1).collect();
    let features: Vec<&str> = features.iter().map(String::as_str).collect();
    let mut testee = Testee::<u32>::new("toy", "1", &features, &["auth"]);
    testee.op("toy.echo", |given| Ok(given.clone()));
    testee.op("toy.refuse", |_| Err(Refusal::reject("auth.key", "no such key")));
    testee.op("toy.accident", |given| {
        let none: Vec<Json> = Vec::new();
        Ok(none[given.to_string().len()].clone())
    });
    testee.op("toy.text", |_| Ok("text".into()));
    testee.op("toy.print", |_| {
        println!("a whole line\nand a half");
        Ok(Json::object([]))
    });
    testee.session_op("toy.count", |_, count| {
        *count += 1;
        Ok(Json::object([("count", count.to_string().into())]))
    });
    testee.serve();
}
