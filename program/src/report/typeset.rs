//! The document through typst, in process, with the embedded fonts and nothing else: as PDF and as
//! a page with MathML.

use std::collections::HashMap;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_html::{HtmlDocument, HtmlOptions};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::output::Artifact;
use crate::report::ReportError;

/// The tagged PDF (PDF/UA-1, which asks for alternative texts, a title and real headings) of a
/// typst source that refers to the given files by name.
pub fn pdf(source: String, files: &[Artifact]) -> Result<Vec<u8>, ReportError> {
    let world = Sources::new(source, files)?;
    let document = typst::compile::<PagedDocument>(&world)
        .output
        .map_err(refusal)?;
    let fail = |e: typst::diag::HintedString| ReportError::new("document", e.message());
    let options = PdfOptions {
        standards: PdfStandards::new(&[PdfStandard::Ua_1]).map_err(fail)?,
        ident: Smart::Custom("isomoment report".into()),
        creator: Smart::Custom(Some(
            concat!("isomoment ", env!("CARGO_PKG_VERSION")).into(),
        )),
        timestamp: None,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(refusal)
}

/// The page in HTML, with everything in it: figures as SVG, mathematics as MathML.
pub fn html(source: String, files: &[Artifact]) -> Result<Vec<u8>, ReportError> {
    let world = Sources::new(source, files)?;
    let document = typst::compile::<HtmlDocument>(&world)
        .output
        .map_err(refusal)?;
    let text = typst_html::html(&document, &HtmlOptions::default()).map_err(refusal)?;
    Ok(text.into_bytes())
}

fn refusal(errors: typst::ecow::EcoVec<typst::diag::SourceDiagnostic>) -> ReportError {
    let first = errors.first().map(|e| e.message.to_string());
    ReportError::new("document", first.unwrap_or_default())
}

/// What typst may see: one source, the figures, the embedded fonts (typst's `World`).
struct Sources {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    source: Source,
    files: HashMap<FileId, Bytes>,
}

impl Sources {
    fn new(source: String, files: &[Artifact]) -> Result<Self, ReportError> {
        let fonts: Vec<Font> = typst_assets::fonts()
            .flat_map(|data| Font::iter(Bytes::new(data)))
            .collect();
        let files: Result<HashMap<FileId, Bytes>, ReportError> = files
            .iter()
            .map(|file| Ok((file_id(&file.name)?, Bytes::new(file.bytes.clone()))))
            .collect();
        Ok(Self {
            library: LazyHash::new(
                Library::builder()
                    .with_features([Feature::Html].into_iter().collect())
                    .build(),
            ),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            source: Source::new(file_id("report.typ")?, source),
            files: files?,
        })
    }
}

fn file_id(name: &str) -> Result<FileId, ReportError> {
    let path = VirtualPath::new(name).map_err(|_| ReportError::new("document", name))?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

impl World for Sources {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() {
            return Ok(self.source.clone());
        }
        Err(FileError::NotSource)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let missing = || FileError::NotFound(id.vpath().get_without_slash().into());
        self.files.get(&id).cloned().ok_or_else(missing)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
