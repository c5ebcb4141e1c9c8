//! The one place where untyped JavaScript values are read and made.
//!
//! A field that is missing or of another type is `None`: the browsers differ in what they deliver.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

/// The field `name` of an object; `undefined` and `null` count as missing.
pub fn field(value: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(value, &name.into()).ok().filter(|v| !v.is_undefined() && !v.is_null())
}

/// A text field.
pub fn text(value: &JsValue, name: &str) -> Option<String> {
    field(value, name)?.as_string()
}

/// A true-or-false field.
pub fn flag(value: &JsValue, name: &str) -> Option<bool> {
    field(value, name)?.as_bool()
}

/// A number field.
pub fn number(value: &JsValue, name: &str) -> Option<f64> {
    field(value, name)?.as_f64().filter(|n| n.is_finite())
}

/// A whole number of milliseconds; a negative one is no measurement.
pub fn millis(value: &JsValue, name: &str) -> Option<u32> {
    // `as` saturates on floats.
    number(value, name).filter(|n| *n >= 0.0).map(|n| n as u32)
}

/// A tab's or window's id.
pub fn id(value: &JsValue, name: &str) -> Option<i32> {
    number(value, name).map(|n| n as i32)
}

/// A status; 0 is the browsers' word for none.
pub fn status(value: &JsValue, name: &str) -> Option<u16> {
    number(value, name).map(|n| n as u16).filter(|s| *s != 0)
}

/// Pairs of texts, given as arrays of two.
pub fn pairs(value: &JsValue, name: &str) -> Vec<(String, String)> {
    let list = field(value, name).map(|v| Array::from(&v)).unwrap_or_default();
    list.iter()
        .filter_map(|pair| {
            let pair = Array::from(&pair);
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

/// An array of arrays of two.
pub fn from_pairs(pairs: &[(String, String)]) -> JsValue {
    pairs.iter().map(|(a, b)| Array::of2(&a.into(), &b.into())).collect::<Array>().into()
}

/// An object with these fields.
pub fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, value);
    }
    object.into()
}

/// Sets one field.
pub fn set(object: &JsValue, name: &str, value: JsValue) {
    // Setting a field of a plain object of ours cannot fail.
    let _ = Reflect::set(object, &name.into(), &value);
}

/// An array of texts.
pub fn texts<'a>(list: impl IntoIterator<Item = &'a str>) -> JsValue {
    list.into_iter().map(JsValue::from_str).collect::<Array>().into()
}

/// `Some` value or `null`.
pub fn or_null<T: Into<JsValue>>(value: Option<T>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}
