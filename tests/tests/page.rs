//! The fallback page: goldens of every case in every form, sizes, header fields, and that nothing foreign
//! comes out unescaped.

#[path = "page/fields.rs"]
mod fields;
#[path = "page/goldens.rs"]
mod goldens;
#[path = "page/safety.rs"]
mod safety;
#[path = "page/sizes.rs"]
mod sizes;
