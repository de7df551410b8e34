// SPDX-License-Identifier: Apache-2.0
//! The part of ktstr's C ABI that a gate needs, field by field. Each block says which header of the SDK it
//! mirrors; check_layout.rs turns the blocks into a C program that fails to compile when a header disagrees.
//! Structs of later minors are longer at the end: nothing here cares.
#![allow(non_camel_case_types, dead_code)]
use std::mem::{size_of, MaybeUninit};
use std::os::raw::{c_char, c_void};
use std::ptr::addr_of;

/// A struct as Rust lays it out: offset and size of each field, and of the whole.
pub struct Layout {
    pub header: &'static str,
    pub name: &'static str,
    pub size: usize,
    pub fields: Vec<(&'static str, usize, usize)>,
}

/// A number that a header gives a name.
pub struct Constant {
    pub header: &'static str,
    pub name: &'static str,
    pub value: u64,
}

macro_rules! mirror {
    ($($header:literal: struct $name:ident { $($field:ident: $type:ty,)+ })+) => {
        $(#[repr(C)]
        pub struct $name { $(pub $field: $type,)+ })+

        pub fn layouts() -> Vec<Layout> {
            vec![$({
                let place = MaybeUninit::<$name>::uninit();
                let base = place.as_ptr();
                let offset = |field: *const u8| field as usize - base as usize;
                Layout {
                    header: $header,
                    name: stringify!($name),
                    size: size_of::<$name>(),
                    fields: vec![$((
                        stringify!($field),
                        // only the address is taken: nothing is read
                        offset(unsafe { addr_of!((*base).$field) } as *const u8),
                        size_of::<$type>(),
                    )),+],
                }
            }),+]
        }
    };
}

macro_rules! constants {
    ($($header:literal: $name:ident: $type:ty = $value:literal;)+) => {
        $(pub const $name: $type = $value;)+
        pub fn constants() -> Vec<Constant> {
            vec![$(Constant { header: $header, name: stringify!($name), value: $value as u64 }),+]
        }
    };
}

pub type ktstr_status = i32;
pub enum ktstr_host {} // seen by pointer only
pub enum ktstr_create_request {}
pub enum ktstr_scenario {}
pub enum ktstr_history {}

constants! {
    "ktstr/abi/base.h": KTSTR_OK: i32 = 0;
    "ktstr/abi/base.h": KTSTR_INTERNAL: i32 = 9;
    "ktstr/abi/version.h": KTSTR_ABI_MAJOR: u16 = 1;
    "ktstr/abi/gate.h": KTSTR_HIGHER_IS_BETTER: u32 = 1;
    "ktstr/abi/gate.h": KTSTR_UNCHANGED: u32 = 0;
    "ktstr/abi/gate.h": KTSTR_IMPROVED: u32 = 1;
    "ktstr/abi/gate.h": KTSTR_REGRESSED: u32 = 2;
    "ktstr/abi/gate.h": KTSTR_INCONCLUSIVE: u32 = 4;
    "ktstr/abi/gate.h": KTSTR_VERDICT_MATERIAL_ABS: u32 = 4;
    "ktstr/abi/gate.h": KTSTR_VERDICT_MATERIAL_REL: u32 = 8;
}

/// Of ktstr/abi/version.h: the minor whose fields this file knows. A newer header is no mistake.
pub const ABI_MINOR: u16 = 0;

/// Of ktstr/abi/version.h.
pub const KTSTR_GATE_INTERFACE: &[u8] = b"ktstr.gate/1\0";

mirror! {
    "ktstr/abi/base.h": struct ktstr_str {
        ptr: *const c_char,
        len: u64,
    }
    "ktstr/abi/base.h": struct ktstr_error {
        size: u32,
        code: i32,
        message: [c_char; 512],
        hint: [c_char; 256],
    }
    "ktstr/abi/plugin.h": struct ktstr_impl {
        size: u32,
        reserved: u32,
        interface_id: *const c_char,
        name: ktstr_str,
        summary: ktstr_str,
        options_schema: ktstr_str,
        create: Option<unsafe extern "C" fn(*const ktstr_host, *const ktstr_create_request,
                                            *mut *mut c_void, *mut ktstr_error) -> ktstr_status>,
        destroy: Option<unsafe extern "C" fn(*mut c_void)>,
        interface_table: *const c_void,
        extension: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
    }
    "ktstr/abi/plugin.h": struct ktstr_plugin {
        size: u32,
        abi_major: u16,
        abi_minor: u16,
        id: ktstr_str,
        version: ktstr_str,
        vendor: ktstr_str,
        license: ktstr_str,
        sdk: ktstr_str,
        impl_count: u32,
        impl_stride: u32,
        impls: *const ktstr_impl,
        init: Option<unsafe extern "C" fn(*const ktstr_host, *mut ktstr_error) -> ktstr_status>,
        deinit: Option<unsafe extern "C" fn()>,
    }
    "ktstr/abi/gate.h": struct ktstr_samples {
        size: u32,
        reserved: u32,
        count: u64,
        values: *const f64,
        blocks: *const u64,
        seeds: *const u64,
    }
    "ktstr/abi/gate.h": struct ktstr_comparison {
        size: u32,
        polarity: u32,
        metric_class: u32,
        flags: u32,
        scenario: *const ktstr_scenario,
        metric: ktstr_str,
        unit: ktstr_str,
        abs_gate: f64,
        rel_gate: f64,
        baseline: *const ktstr_samples,
        head: *const ktstr_samples,
        baseline_estimate: f64,
        head_estimate: f64,
        history: *const ktstr_history,
        resolution: f64,
        extra_json: ktstr_str,
    }
    "ktstr/abi/gate.h": struct ktstr_verdict {
        size: u32,
        outcome: u32,
        flags: u32,
        reserved: u32,
        effect_abs: f64,
        effect_rel: f64,
        statistic: f64,
        df: f64,
        p_value: f64,
        q_value: f64,
        ratio: f64,
        ci_low: f64,
        ci_high: f64,
        mde: f64,
        false_alarm: f64,
        text: [c_char; 160],
    }
    "ktstr/abi/gate.h": struct ktstr_gate_v1 {
        size: u32,
        capabilities: u32,
        min_samples: u32,
        reserved: u32,
        evaluate: Option<unsafe extern "C" fn(*mut c_void, *const *const ktstr_comparison,
                                              *const *mut ktstr_verdict, u64,
                                              *mut ktstr_error) -> ktstr_status>,
    }
}

// The host frees nothing and keeps nothing of ours: the tables are constants of the library.
const _: () = assert!(size_of::<ktstr_str>() == 16);
const _: () = assert!(size_of::<Option<unsafe extern "C" fn()>>() == size_of::<*const c_void>());
