"""Compares the four formats of one report: every cell that stands on paper must be the same in all of them.

    compare.py DAY      a folder of `homeline demo`, with report.txt (pdftotext -layout) and pdfinfo.txt beside the report
"""

import csv
import html.parser
import json
import pathlib
import re
import sys


class Tables(html.parser.HTMLParser):
    """The tables of a page or of a narrative, by caption: rows of cells as shown."""

    def __init__(self, markup):
        super().__init__()
        self.tables, self.caption, self.row, self.text, self.inside = {}, "", None, "", None
        self.feed(markup)

    def handle_starttag(self, tag, attributes):
        if tag in ("caption", "th", "td"):
            self.text, self.inside = "", tag
        elif tag == "tr":
            self.row = []

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        if tag == "caption":
            self.caption = self.text
            self.tables[self.caption] = []
        elif tag in ("th", "td"):
            self.row.append(self.text)
        elif tag == "tr" and self.row is not None:
            self.tables[self.caption].append(self.row)
        self.inside = None


def squeezed(text):
    """Without any white space: a line on paper may break anywhere."""
    return re.sub(r"\s+", "", text)


day = pathlib.Path(sys.argv[1])
page = Tables((day / "report.html").read_text()).tables
bundle = json.loads((day / "report.json").read_text())
composition = bundle["entry"][0]["resource"]
narratives = Tables("".join(section["text"]["div"] for section in composition["section"])).tables
paper = (day / "report.txt").read_text()
files = {path.name: list(csv.reader(path.open(newline=""))) for path in (day / "report-csv").glob("*.csv")}

faults = []
if page != narratives:
    faults.append("the page and the FHIR document differ in a table")
if len(page) < 8:
    faults.append(f"the page has {len(page)} tables only")

# Cells of numbers: one after the other in a row of the PDF, and in the columns of the file.
columns = {}
for name, column, holds, heading, caption in files["columns.csv"][1:]:
    columns.setdefault(caption, []).append((name, column, holds, heading))
words_on_paper = squeezed(paper)
compared = 0
for caption, rows in page.items():
    if caption not in columns:
        faults.append(f"no file has the table “{caption}”")
        continue
    listed = columns[caption]
    file_rows = files[listed[0][0]]
    has_heading = any(heading for _, _, _, heading in listed)
    shown_rows = rows[1:] if has_heading else rows
    if len(shown_rows) != len(file_rows) - 1:
        faults.append(f"“{caption}” has {len(shown_rows)} rows on the page and {len(file_rows) - 1} in the file")
        continue
    places = [i for i, column in enumerate(listed) if column[3] or caption == "Period, author and consent"]
    for shown, written in zip(shown_rows, file_rows[1:]):
        for place, cell in zip(places, shown):
            if listed[place][2] == "number" and written[place]:
                compared += 1
                number = re.match(r"-?[\d.]+", cell)
                if not number or number.group() != written[place]:
                    faults.append(f"“{caption}”: {cell!r} on the page, {written[place]!r} in the file")
        # A row with a cell of several lines is torn apart by the layout of pdftotext; its cells are all there.
        for cell in shown:
            for word in cell.split():
                if squeezed(word) not in words_on_paper:
                    faults.append(f"“{caption}”: {word!r} is not in the PDF")
counts = next(row for row in page["Doses planned and recorded, for each order"][1:])
if not re.search(r"\s+".join(map(re.escape, " ".join(counts).split())), paper):
    faults.append(f"{counts} do not stand in one row of the PDF")

pages = paper.rstrip("\f").split("\f")
name = re.search(r"<h1>(.*?)</h1>", (day / "report.html").read_text()).group(1)
period = re.search(r'<p class="period">(.*?)</p>', (day / "report.html").read_text()).group(1)
for number, text in enumerate(pages, 1):
    if f"Page {number} of {len(pages)}" not in text or name not in text or period not in text:
        faults.append(f"page {number} of the PDF lacks name, period or number")
if "Planned and given" not in pages[0] or "Questions" in pages[0].split("Three questions")[0] or "Doses [" in pages[0]:
    faults.append("the first page is not the first page")
if not re.search(r"Tagged:\s+yes", (day / "pdfinfo.txt").read_text()):
    faults.append("the PDF is not tagged")
if faults:
    sys.exit("\n".join(faults))
print(f"{len(page)} tables, {compared} numbers alike, {len(pages)} pages")
