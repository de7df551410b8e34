// SPDX-License-Identifier: Apache-2.0
//! Prints a C file that compiles against the installed headers only if bindings.rs mirrors them: every field
//! where Rust has it and as large, no struct smaller (larger is fine: they grow at the end), every constant
//! the same. CMakeLists.txt compiles it before the gate.
mod bindings;

fn check(condition: String, header: &str, what: &str) {
    println!("_Static_assert({condition}, \"{header}: {what}\");");
}

fn main() {
    println!("#include <ktstr/sdk.h>");
    for bindings::Layout { header, name, size, fields } in bindings::layouts() {
        check(format!("sizeof({name}) >= {size}"), header, &format!("size of {name}"));
        for (field, offset, size) in fields {
            let place = format!("place of {name}.{field}");
            check(format!("offsetof({name}, {field}) == {offset}"), header, &place);
            let room = format!("size of {name}.{field}");
            check(format!("sizeof((({name} *)0)->{field}) == {size}"), header, &room);
        }
    }
    for bindings::Constant { header, name, value } in bindings::constants() {
        check(format!("{name} == {value}"), header, name);
    }
    let version = "ktstr/abi/version.h";
    check(format!("KTSTR_ABI_MINOR >= {}", bindings::ABI_MINOR), version, "these headers are too old");
    let interface = bindings::KTSTR_GATE_INTERFACE.len(); // with its NUL, as in C
    check(format!("sizeof(KTSTR_GATE_INTERFACE) == {interface}"), version, "KTSTR_GATE_INTERFACE");
}
