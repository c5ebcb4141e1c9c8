//! The grammar of RFC 9651 §4.2, one function a production.

use super::{Bare, Item, is_token_char};
use crate::steps::took;
use std::iter::Peekable;
use std::str::Chars;

/// A dictionary with more members is not read: each new name is compared with all before it.
const MOST_MEMBERS: usize = 128;
/// Likewise an item with more parameters.
const MOST_PARAMS: usize = 64;

/// What is left to read.
pub struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
}

impl<'a> Parser<'a> {
    /// Reads the whole text by one production; blanks around it are allowed, anything else left is not.
    pub fn whole<T>(text: &'a str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut parser = Self { rest: text.trim_matches(' ').chars().peekable() };
        let value = read(&mut parser)?;
        if parser.rest.peek().is_none() { Some(value) } else { None }
    }

    /// §4.2.1.
    pub fn list(&mut self) -> Option<Vec<Item>> {
        let mut members = vec![];
        while self.rest.peek().is_some() {
            members.push(self.item_or_inner_list()?);
            if !self.next_member()? {
                break;
            }
        }
        Some(members)
    }

    /// §4.2.2.
    pub fn dictionary(&mut self) -> Option<Vec<(String, Item)>> {
        let mut members: Vec<(String, Item)> = vec![];
        while self.rest.peek().is_some() {
            let key = self.key()?;
            let item = if self.eat('=') {
                self.item_or_inner_list()?
            } else {
                Item { value: Bare::Boolean(true), params: self.params()? }
            };
            if members.len() >= MOST_MEMBERS {
                return None;
            }
            took(members.len());
            members.retain(|(name, _)| *name != key);
            members.push((key, item));
            if !self.next_member()? {
                break;
            }
        }
        Some(members)
    }

    /// §4.2.3.
    pub fn item(&mut self) -> Option<Item> {
        let value = self.bare()?;
        Some(Item { value, params: self.params()? })
    }

    /// Past the comma: whether another member must follow.
    fn next_member(&mut self) -> Option<bool> {
        self.skip(|c| c == ' ' || c == '\t');
        if self.rest.peek().is_none() {
            return Some(false);
        }
        if !self.eat(',') {
            return None;
        }
        self.skip(|c| c == ' ' || c == '\t');
        // A comma at the end is an error.
        self.rest.peek().map(|_| true)
    }

    fn item_or_inner_list(&mut self) -> Option<Item> {
        if !self.eat('(') {
            return self.item();
        }
        loop {
            self.skip(|c| c == ' ');
            if self.eat(')') {
                return Some(Item { value: Bare::Opaque, params: self.params()? });
            }
            self.item()?;
            if !matches!(self.rest.peek(), Some(' ' | ')')) {
                return None;
            }
        }
    }

    fn params(&mut self) -> Option<Vec<(String, Bare)>> {
        let mut params: Vec<(String, Bare)> = vec![];
        while self.eat(';') {
            self.skip(|c| c == ' ');
            let key = self.key()?;
            let value = if self.eat('=') { self.bare()? } else { Bare::Boolean(true) };
            if params.len() >= MOST_PARAMS {
                return None;
            }
            took(params.len());
            params.retain(|(name, _)| *name != key);
            params.push((key, value));
        }
        Some(params)
    }

    fn key(&mut self) -> Option<String> {
        if !self.rest.peek().is_some_and(|c| c.is_ascii_lowercase() || *c == '*') {
            return None;
        }
        Some(self.take(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.*".contains(c)))
    }

    fn bare(&mut self) -> Option<Bare> {
        match self.rest.peek()? {
            '-' | '0'..='9' => self.number(),
            '"' => self.string().map(Bare::String),
            '?' => self.boolean(),
            '@' => {
                self.rest.next();
                match self.number()? {
                    Bare::Integer(seconds) => Some(Bare::Date(seconds)),
                    _ => None,
                }
            }
            ':' => self.bytes(),
            '%' => {
                self.rest.next();
                // A display string: its text is somebody else's language and nothing here is decided by it.
                if !matches!(self.rest.peek(), Some('"')) {
                    return None;
                }
                self.string().map(|_| Bare::Opaque)
            }
            c if c.is_ascii_alphabetic() || *c == '*' => Some(Bare::Token(self.take(is_token_char))),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Bare> {
        let minus = self.eat('-');
        let whole = self.take(|c| c.is_ascii_digit());
        let sign = |text: String| if minus { format!("-{text}") } else { text };
        if whole.is_empty() {
            return None;
        }
        if self.eat('.') {
            let decimals = self.take(|c| c.is_ascii_digit());
            if whole.len() > 12 || decimals.is_empty() || decimals.len() > 3 {
                return None;
            }
            // In thousandths: floating point alone would cost the worker 8 KB.
            return sign(format!("{whole}{decimals:0<3}")).parse().ok().map(Bare::Decimal);
        }
        if whole.len() > 15 { None } else { sign(whole).parse().ok().map(Bare::Integer) }
    }

    fn string(&mut self) -> Option<String> {
        self.rest.next();
        let mut text = String::new();
        loop {
            match self.rest.next()? {
                '"' => return Some(text),
                '\\' => match self.rest.next()? {
                    c @ ('"' | '\\') => text.push(c),
                    _ => return None,
                },
                c @ ' '..='~' => text.push(c),
                _ => return None,
            }
        }
    }

    fn boolean(&mut self) -> Option<Bare> {
        self.rest.next();
        match self.rest.next()? {
            '1' => Some(Bare::Boolean(true)),
            '0' => Some(Bare::Boolean(false)),
            _ => None,
        }
    }

    fn bytes(&mut self) -> Option<Bare> {
        self.rest.next();
        self.take(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
        if self.eat(':') { Some(Bare::Opaque) } else { None }
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn skip(&mut self, blank: impl Fn(char) -> bool) {
        while self.rest.next_if(|c| blank(*c)).is_some() {}
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.rest.next_if(|c| wanted(*c)) {
            text.push(c);
        }
        took(text.len());
        text
    }
}
