//! Tables in LaTeX, for `booktabs` and `siunitx`, in ASCII: whatever the engine, they compile.

use std::fmt::Write;

use isomoment::theorems::Table;

use crate::output::number::in_notation;

/// Text that LaTeX prints as it stands, in ASCII.
///
/// ```
/// use isomoment_cli::output::latex::escape;
/// assert_eq!(escape("its E‖x₅₀‖, 5 % off"), r"its E$\Vert$x$_{50}$$\Vert$, 5 \% off");
/// ```
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(2 * text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if let Some(digit) = subscript(c) {
            let mut index = String::from(digit);
            while let Some(digit) = letters.peek().copied().and_then(subscript) {
                index.push(digit);
                letters.next();
            }
            out += &match index.len() {
                1 => format!("$_{index}$"),
                _ => format!("$_{{{index}}}$"),
            };
            continue;
        }
        match symbol(c) {
            Some(command) => out.push_str(command),
            None if c.is_ascii() => out.push(c),
            // no table has another one; a test says so
            None => {
                let _ = write!(out, "U+{:04X}", u32::from(c));
            }
        }
    }
    out
}

fn subscript(c: char) -> Option<char> {
    ('₀'..='₉')
        .contains(&c)
        .then(|| char::from_digit(u32::from(c) - u32::from('₀'), 10))
        .flatten()
}

fn symbol(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\textbackslash{}",
        '%' => "\\%",
        '&' => "\\&",
        '#' => "\\#",
        '$' => "\\$",
        '_' => "\\_",
        '{' => "\\{",
        '}' => "\\}",
        '~' => "\\textasciitilde{}",
        '^' => "\\textasciicircum{}",
        'σ' => "$\\sigma$",
        'μ' => "$\\mu$",
        'ε' => "$\\varepsilon$",
        '²' => "$^2$",
        '‖' => "$\\Vert$",
        '–' => "--",
        '−' => "$-$",
        '×' => "$\\times$",
        _ => return None,
    })
}

/// A number for siunitx.
pub fn number(digits: &str) -> String {
    format!("\\num{{{digits}}}")
}

/// One row.
pub fn row(cells: &[String]) -> String {
    cells.join(" & ") + " \\\\\n"
}

/// A `tabular` between rules: `columns` as LaTeX has them, headings and cells already in LaTeX.
pub fn tabular(columns: &str, headings: &[String], rows: &[Vec<String>]) -> String {
    let mut text = format!(
        "% needs \\usepackage{{booktabs}} and \\usepackage{{siunitx}}\n\
         \\begin{{tabular}}{{{columns}}}\n\\toprule\n{}\\midrule\n",
        row(headings)
    );
    text.extend(rows.iter().map(|cells| row(cells)));
    text + "\\bottomrule\n\\end{tabular}\n"
}

/// A table of exact numbers.
pub fn table(table: &Table) -> String {
    let headings = table
        .columns
        .iter()
        .map(|(heading, _)| escape(heading.trim()));
    let cells = |numbers: &Vec<f64>| -> Vec<String> {
        let columns = numbers.iter().zip(&table.columns);
        columns
            .map(|(&value, &(_, notation))| number(&in_notation(notation, value)))
            .collect()
    };
    let rows: Vec<Vec<String>> = table.rows.iter().map(cells).collect();
    let columns = "r".repeat(table.columns.len());
    tabular(&columns, &headings.collect::<Vec<_>>(), &rows)
}
