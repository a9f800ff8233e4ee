//! Text in columns, for people to read.

/// Rows as lines, their cells below each other. The last cell of a row may be as long as it likes.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line += cell;
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// `1 stream`, `2 streams`.
pub fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other() {
        let rows = [["a", "bb", ""], ["äöü", "b", "c"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), "a    bb\näöü  b   c\n");
        assert_eq!((counted(1, "stream"), counted(0, "stream")), ("1 stream".into(), "0 streams".into()));
    }
}
