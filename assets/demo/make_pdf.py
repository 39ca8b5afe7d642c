#!/usr/bin/env python3
"""Makes lab-safety.pdf from source/lab-safety.txt with the standard library alone; the same text gives the same bytes.

The text is marked up by line: `# title`, `~ subtitle`, `## heading`, `! warning`, `- bullet`, `1. step`,
`| table | row |` (the first row is the header) and `**bold**`. Every other line is a paragraph.
"""

import hashlib
import re
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "source" / "lab-safety.txt"
TARGET = HERE / "lab-safety.pdf"
SUBJECT = "Teaching material: safety rules for teaching and research laboratories"

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89  # A4, in points
LEFT, RIGHT = 62.0, PAGE_WIDTH - 62.0
TOP, BOTTOM = PAGE_HEIGHT - 58.0, 66.0
BODY, LEADING = 10.0, 13.6
NAVY, TINT, AMBER, CREAM, GREY = "0.07 0.21 0.36", "0.90 0.94 0.97", "0.80 0.45 0.07", "0.99 0.96 0.90", "0.45 0.48 0.52"
BLACK, WHITE = "0.12 0.12 0.14", "1 1 1"

# Advance widths of the characters from space to tilde, in thousandths of the type size, as every viewer knows them.
WIDTHS = {
    "R": [278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, *[556] * 10, 278, 278, 584, 584,
          584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,
          611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222,
          222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584],
    "B": [278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, *[556] * 10, 333, 333, 584, 584,
          584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667,
          611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278,
          278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584],
}
EXTRA = {"•": 350, "°": 400, "–": 556, "—": 1000}

# A figure and its unit stay on one line; the space between them is still an ordinary space in the file.
GLUE = "\x00"
UNITS = re.compile(r"(?<=\d) (?=(?:°C|m/s|cm|mA|litres?|seconds?|minutes?|hours?|months?|times|years?)\b)")


def text_width(text, font, size):
    return sum(EXTRA[c] if c in EXTRA else WIDTHS[font][ord(c) - 32] for c in text) * size / 1000


def literal(text):
    """A string as a PDF literal in WinAnsiEncoding, which is Windows-1252 under another name."""
    return "(" + re.sub(r"([\\()])", r"\\\1", text) + ")"


def lines_of(text, width, size, font="R"):
    """Breaks marked-up text into lines; a line is a list of (font, words) runs."""
    words = []
    for number, part in enumerate(re.split(r"\*\*", UNITS.sub(GLUE, text))):
        face = "B" if number % 2 else font
        words += [(face, word.replace(GLUE, " ")) for word in part.split()]
    lines, line, used = [], [], 0.0
    for face, word in words:
        space = text_width(" ", face, size) if line else 0.0
        advance = text_width(word, face, size)
        if line and used + space + advance > width:
            lines.append(line)
            line, used, space = [], 0.0, 0.0
        line.append((face, word))
        used += space + advance
    lines.append(line)
    return [runs_of(line) for line in lines if line]


def runs_of(line):
    runs = []
    for face, word in line:
        if runs and runs[-1][0] == face:
            runs[-1] = (face, runs[-1][1] + " " + word)
        elif runs:
            runs[-1] = (runs[-1][0], runs[-1][1] + " ")
            runs.append((face, word))
        else:
            runs.append((face, word))
    return runs


def show(runs, x, y, size, colour=BLACK):
    faces = " ".join(f"/{face} {size:g} Tf {literal(text)} Tj" for face, text in runs)
    return f"BT {colour} rg {x:.2f} {y:.2f} Td {faces} ET"


def fill(x, y, width, height, colour):
    return f"{colour} rg {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f"


class Piece:
    """A strip of the page that is never cut: its height, what draws it below a given y, and whether it clings to the next."""

    def __init__(self, height, draw, clings=False, bookmark=None):
        self.height, self.draw, self.clings, self.bookmark = height, draw, clings, bookmark


def gap(height, clings=False):
    return Piece(height, None, clings)


def title(text, subtitle):
    def draw(y):
        return [
            fill(0, y - 62, PAGE_WIDTH, PAGE_HEIGHT - y + 62, NAVY),
            show([("B", text)], LEFT, y - 22, 26, WHITE),
            show([("R", subtitle)], LEFT, y - 44, 11.5, TINT),
        ]

    return [Piece(62, draw), gap(18)]


def heading(text):
    def draw(y):
        return [show([("B", text)], LEFT, y - 13, 13.5, NAVY), fill(LEFT, y - 19, RIGHT - LEFT, 0.6, NAVY)]

    return [gap(9), Piece(25, draw, clings=True, bookmark=text)]


def paragraph(text, indent=0.0, mark="", after=5.0):
    lines = lines_of(text, RIGHT - LEFT - indent, BODY)
    pieces = []
    for number, runs in enumerate(lines):
        def draw(y, runs=runs, mark=mark if number == 0 else ""):
            ops = [show([("R", mark)], LEFT + 4, y - BODY, BODY, NAVY)] if mark else []
            return ops + [show(runs, LEFT + indent, y - BODY, BODY)]

        # No line of a paragraph is left by itself at the foot or the head of a page.
        clings = number == 0 and len(lines) > 1 or number == len(lines) - 2
        pieces.append(Piece(LEADING, draw, clings))
    return [*pieces, gap(after)]


def warning(text):
    lines = lines_of(text, RIGHT - LEFT - 26, BODY, "B")
    height = len(lines) * LEADING + 12

    def draw(y):
        ops = [fill(LEFT, y - height, RIGHT - LEFT, height, CREAM), fill(LEFT, y - height, 4, height, AMBER)]
        return ops + [show(runs, LEFT + 15, y - 6 - BODY - n * LEADING, BODY) for n, runs in enumerate(lines)]

    return [gap(2, clings=True), Piece(height, draw), gap(9)]


def table(rows):
    size, leading, pad = 9.2, 12.0, 6.0
    columns = len(rows[0])
    longest = [max(text_width(row[c], "B", size) for row in rows) + 2 * pad for c in range(columns)]
    # Narrow columns get what they ask for; the wide ones share the rest in proportion.
    fair = (RIGHT - LEFT) / columns
    narrow = [min(w, fair) if w <= fair else 0.0 for w in longest]
    wide = sum(w for w in longest if w > fair)
    spare = RIGHT - LEFT - sum(narrow)
    widths = [n or spare * w / wide for n, w in zip(narrow, longest)] if wide else [n * (RIGHT - LEFT) / sum(narrow) for n in narrow]
    pieces = [gap(2, clings=True)]
    for number, row in enumerate(rows):
        face = "B" if number == 0 else "R"
        cells = [lines_of(cell, width - 2 * pad, size, face) for cell, width in zip(row, widths)]
        height = max(len(cell) for cell in cells) * leading + 7

        def draw(y, cells=cells, height=height, header=number == 0, shade=TINT if number % 2 == 0 else WHITE):
            ops = [fill(LEFT, y - height, RIGHT - LEFT, height, NAVY if header else shade)]
            x = LEFT
            for cell, width in zip(cells, widths):
                ops += [show(runs, x + pad, y - 3 - size - n * leading, size, WHITE if header else BLACK) for n, runs in enumerate(cell)]
                x += width
            return ops + [fill(LEFT, y - height, RIGHT - LEFT, 0.4, GREY)]

        pieces.append(Piece(height, draw, clings=number < len(rows) - 1))
    return [*pieces, gap(9)]


def pieces_of(source):
    pieces, rows, name = [], [], None
    for line in [*source.splitlines(), ""]:
        if rows and not line.startswith("|"):
            pieces += table(rows)
            rows = []
        if line.startswith("# "):
            name = line[2:]
        elif line.startswith("~ "):
            pieces += title(name, line[2:])
        elif line.startswith("## "):
            pieces += heading(line[3:])
        elif line.startswith("! "):
            pieces += warning(line[2:])
        elif line.startswith("| "):
            rows.append([cell.strip() for cell in line.strip()[1:-1].split("|")])
        elif line.startswith("- "):
            pieces += paragraph(line[2:], 16, "•", after=2.5)
        elif step := re.match(r"(\d+\.) (.*)", line):
            pieces += paragraph(step[2], 20, step[1], after=2.5)
        elif line:
            pieces += paragraph(line)
    return name, pieces


def pages_of(pieces):
    """Stacks the pieces on pages: a list of drawing operations per page, and the bookmarks as (text, page, y)."""
    pages, bookmarks, y = [[]], [], TOP
    at = 0
    while at < len(pieces):
        end = at
        while pieces[end].clings:
            end += 1
        group = pieces[at : end + 1]
        if y - sum(piece.height for piece in group) < BOTTOM and group[0].draw:
            pages.append([])
            y = TOP
        for piece in group:
            if piece.bookmark:
                bookmarks.append((piece.bookmark, len(pages) - 1, y))
            if piece.draw:
                pages[-1] += piece.draw(y)
            # White space at the head of a page would push its first line down for no reason.
            if piece.draw or y < TOP:
                y -= piece.height
        at = end + 1
    return pages, bookmarks


def footer(name, number, total):
    label = f"Page {number} of {total}"
    return [
        fill(LEFT, 48, RIGHT - LEFT, 0.5, GREY),
        show([("R", name)], LEFT, 34, 8.5, GREY),
        show([("R", label)], RIGHT - text_width(label, "R", 8.5), 34, 8.5, GREY),
    ]


def file_of(name, pages, bookmarks):
    """The PDF as bytes: numbered objects, then the table of their offsets, then the trailer."""
    first_page, first_mark = 7, 7 + 2 * len(pages)
    page_id = [first_page + 2 * n for n in range(len(pages))]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R /Lang (en-GB) /ViewerPreferences << /DisplayDocTitle true >> >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{n} 0 R' for n in page_id)}] >>",
        font.format("Helvetica"),
        font.format("Helvetica-Bold"),
        f"<< /Title {literal(name)} /Subject {literal(SUBJECT)} /Producer (make_pdf.py) >>",
        f"<< /Type /Outlines /First {first_mark} 0 R /Last {first_mark + len(bookmarks) - 1} 0 R /Count {len(bookmarks)} >>",
    ]
    objects = [body.encode("cp1252") for body in objects]
    for number, ops in enumerate(pages):
        stream = zlib.compress("\n".join(ops + footer(name, number + 1, len(pages))).encode("cp1252"), 9)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Contents {page_id[number] + 1} 0 R "
            "/Resources << /Font << /R 3 0 R /B 4 0 R >> >> >>".encode("cp1252")
        )
        objects.append(b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    for number, (text, page, y) in enumerate(bookmarks):
        here = first_mark + number
        prev = f"/Prev {here - 1} 0 R " if number else ""
        after = f"/Next {here + 1} 0 R " if number < len(bookmarks) - 1 else ""
        mark = f"<< /Title {literal(text)} /Parent 6 0 R {prev}{after}/Dest [{page_id[page]} 0 R /XYZ 0 {y + 6:.2f} 0] >>"
        objects.append(mark.encode("cp1252"))

    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, mark = len(out), hashlib.sha256(bytes(out)).hexdigest()[:32]
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R /ID [<{mark}> <{mark}>] >>\n".encode()
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def main():
    name, pieces = pieces_of(SOURCE.read_text(encoding="utf-8"))
    pages, bookmarks = pages_of(pieces)
    TARGET.write_bytes(file_of(name, pages, bookmarks))
    print(f"{TARGET.name}: {len(pages)} pages, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
