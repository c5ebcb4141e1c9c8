//! The fallback page: goldens of every case in every form, sizes, header fields, and that nothing foreign
//! comes out unescaped.

#[path = "page/goldens.rs"]
mod goldens;
