//! Where in a document something stands, in the words its format has for that.

use std::fmt;

/// Any of the parts may be missing; several may stand together. Numbers count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    pub page: Option<u32>,
    pub line: Option<u32>,
    pub slide: Option<u32>,
    pub sheet: Option<String>,
    pub row: Option<u32>,
    pub section: Option<String>,
}

impl Place {
    pub fn page(page: u32) -> Place {
        Place { page: Some(page), ..Place::default() }
    }

    pub fn line(line: u32) -> Place {
        Place { line: Some(line), ..Place::default() }
    }

    pub fn is_unknown(&self) -> bool {
        *self == Place::default()
    }
}

/// For people, in English: `page 3`, `sheet Doses, row 12`, `section Hand washing, line 40`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut part = |name: &str, value: &dyn fmt::Display| {
            write!(f, "{separator}{name} {value}")?;
            separator = ", ";
            Ok(())
        };
        if let Some(page) = self.page {
            part("page", &page)?;
        }
        if let Some(slide) = self.slide {
            part("slide", &slide)?;
        }
        if let Some(sheet) = &self.sheet {
            part("sheet", sheet)?;
        }
        if let Some(row) = self.row {
            part("row", &row)?;
        }
        if let Some(section) = &self.section {
            part("section", section)?;
        }
        if let Some(line) = self.line {
            part("line", &line)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_a_reference() {
        let place = Place { row: Some(12), sheet: Some("Doses".into()), ..Place::default() };
        assert_eq!(place.to_string(), "sheet Doses, row 12");
        assert_eq!(Place::page(3).to_string(), "page 3");
        assert_eq!(Place::default().to_string(), "");
    }
}
