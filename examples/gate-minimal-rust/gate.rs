// SPDX-License-Identifier: Apache-2.0
//! A whole gate in Rust without a crate: medians of the two sides against both gates of the metric.
mod bindings;

use bindings::*;
use std::os::raw::{c_char, c_void};

/// An instance needs an address that is not null, and nothing behind it.
static THE_INSTANCE: u8 = 0;

const fn text(literal: &'static str) -> ktstr_str {
    ktstr_str { ptr: literal.as_ptr() as *const c_char, len: literal.len() as u64 }
}

/// Copies a line into a fixed, NUL-terminated field.
fn copy_text(field: &mut [c_char], line: &str) {
    let room = field.len() - 1;
    let mut end = line.len().min(room);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    for (place, byte) in field.iter_mut().zip(line[..end].bytes()) {
        *place = byte as c_char;
    }
    field[end] = 0;
}

/// None without a value. The host hands over finite values only.
fn median(side: &ktstr_samples) -> Option<f64> {
    if side.count == 0 || side.values.is_null() {
        return None;
    }
    // SAFETY: `values` are `count` numbers, borrowed for the call.
    let mut values = unsafe { std::slice::from_raw_parts(side.values, side.count as usize) }.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    Some(if values.len() % 2 == 1 { values[middle] } else { values[middle - 1] / 2.0 + values[middle] / 2.0 })
}

fn judge(comparison: &ktstr_comparison, verdict: &mut ktstr_verdict) {
    // SAFETY: no pointer of a comparison is null.
    let (baseline, head) = unsafe { (&*comparison.baseline, &*comparison.head) };
    let (before, after) = match (median(baseline), median(head)) {
        (Some(before), Some(after)) => (before, after),
        _ => {
            verdict.outcome = KTSTR_INCONCLUSIVE;
            copy_text(&mut verdict.text, "a side has no value");
            return;
        }
    };
    let delta = after - before;
    verdict.effect_abs = delta;
    // From 0 every change is infinitely large, so there the absolute gate decides.
    verdict.effect_rel = if delta == 0.0 { 0.0 } else { delta / before.abs() };
    let absolute = delta.abs() >= comparison.abs_gate;
    let relative = verdict.effect_rel.abs() >= comparison.rel_gate;
    if absolute {
        verdict.flags |= KTSTR_VERDICT_MATERIAL_ABS;
    }
    if relative {
        verdict.flags |= KTSTR_VERDICT_MATERIAL_REL;
    }
    copy_text(&mut verdict.text, &format!("median {before:.6} -> {after:.6}"));
    let worse = if comparison.polarity == KTSTR_HIGHER_IS_BETTER { delta < 0.0 } else { delta > 0.0 };
    verdict.outcome = match (delta != 0.0 && absolute && relative, worse) {
        (false, _) => KTSTR_UNCHANGED,
        (true, true) => KTSTR_REGRESSED,
        (true, false) => KTSTR_IMPROVED,
    };
}

unsafe extern "C" fn evaluate(
    _self: *mut c_void,
    comparisons: *const *const ktstr_comparison,
    verdicts: *const *mut ktstr_verdict,
    count: u64,
    error: *mut ktstr_error,
) -> ktstr_status {
    // A panic must not cross the boundary.
    let judged = std::panic::catch_unwind(|| {
        for i in 0..count as usize {
            judge(&**comparisons.add(i), &mut **verdicts.add(i));
        }
    });
    if judged.is_ok() {
        return KTSTR_OK;
    }
    (*error).code = KTSTR_INTERNAL;
    copy_text(&mut (*error).message, "the gate panicked");
    KTSTR_INTERNAL
}

/// The host has seen to it that there are no options: there is no schema of any.
unsafe extern "C" fn create(
    _host: *const ktstr_host,
    _request: *const ktstr_create_request,
    instance: *mut *mut c_void,
    _error: *mut ktstr_error,
) -> ktstr_status {
    std::panic::set_hook(Box::new(|_| {})); // of this library's own std: a plugin never writes to stderr
    *instance = &THE_INSTANCE as *const u8 as *mut c_void;
    KTSTR_OK
}

unsafe extern "C" fn destroy(_self: *mut c_void) {}

/// Tables hold pointers, which Rust does not share between threads unless told so. These never change.
struct Table<T>(T);
unsafe impl<T> Sync for Table<T> {}

static GATE: ktstr_gate_v1 = ktstr_gate_v1 {
    size: std::mem::size_of::<ktstr_gate_v1>() as u32,
    capabilities: 0,
    min_samples: 1,
    reserved: 0,
    evaluate: Some(evaluate),
};

static IMPLS: Table<[ktstr_impl; 1]> = Table([ktstr_impl {
    size: std::mem::size_of::<ktstr_impl>() as u32,
    reserved: 0,
    interface_id: KTSTR_GATE_INTERFACE.as_ptr() as *const c_char,
    name: text("rust-median"),
    summary: text("medians against both gates, in Rust"),
    options_schema: text(""),
    create: Some(create),
    destroy: Some(destroy),
    interface_table: &GATE as *const ktstr_gate_v1 as *const c_void,
    extension: None,
}]);

static PLUGIN: Table<ktstr_plugin> = Table(ktstr_plugin {
    size: std::mem::size_of::<ktstr_plugin>() as u32,
    abi_major: KTSTR_ABI_MAJOR,
    abi_minor: ABI_MINOR,
    id: text("com.example.gate-rust-median"),
    version: text("1.0.0"), // as in the manifest
    vendor: text("Example Inc"),
    license: text("Apache-2.0"),
    sdk: text("ktstr-sdk 1.0 (Rust)"),
    impl_count: 1,
    impl_stride: std::mem::size_of::<ktstr_impl>() as u32,
    impls: IMPLS.0.as_ptr(),
    init: None,
    deinit: None,
});

#[no_mangle]
pub extern "C" fn ktstr_plugin_entry_v1() -> *const ktstr_plugin {
    &PLUGIN.0
}
