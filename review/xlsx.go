package review

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// excelDigits is how many digits a number of a workbook keeps.
const excelDigits = 15

// amountPlaces is how many decimals amounts have. What has more is a quotient, whose last digits are rounded anyway.
const amountPlaces = 4

// double gives the number as a workbook keeps it, with 15 digits. It is not kept where a digit of an amount would be lost.
func (d Decimal) double() (number float64, kept bool, err error) {
	if _, err := d.exact(); err != nil {
		return 0, false, err
	}
	whole, fraction, _ := strings.Cut(string(d.abs()), ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(strings.TrimLeft(whole, "0"))+min(len(fraction), amountPlaces) > excelDigits {
		return 0, false, nil
	}
	if number, err = strconv.ParseFloat(string(d), 64); err == nil { // rounded, where the workbook would cut
		number, err = strconv.ParseFloat(strconv.FormatFloat(number, 'e', excelDigits-1, 64), 64)
	}
	return number, err == nil, err
}

// WriteXLSX writes the pack as a workbook for Excel: a summary, then a sheet a table.
func (p *Pack) WriteXLSX(out io.Writer) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the review pack of %s as .xlsx: %w", p.Month, err)
		}
	}()
	sheets, err := p.sheets()
	if err != nil {
		return err
	}
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	w := workbook{file: file, styles: map[string]int{}}
	title := "Monthly review, " + p.Month.Title()
	computed := time.UnixMicro(p.Data.edition).UTC().Format(time.RFC3339)
	if err := file.SetDocProps(&excelize.DocProperties{
		Title: title, Subject: "Data as of " + p.Data.NewestEvent + " (" + p.Data.Zone + ")", Creator: "Partner Plus", Language: "en", Created: computed, Modified: computed,
	}); err != nil {
		return err
	}
	if err := file.SetSheetName("Sheet1", summaryName); err != nil {
		return err
	}
	if err := w.summary(p, title); err != nil {
		return fmt.Errorf("sheet %s: %w", summaryName, err)
	}
	for _, s := range sheets {
		if s.name == "" {
			continue
		}
		if _, err := file.NewSheet(s.name); err != nil {
			return err
		}
		if err := w.table(s); err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
	}
	return file.Write(out)
}

// workbook is a file to put sheets into, with the styles that it has so far.
type workbook struct {
	file   *excelize.File
	styles map[string]int
}

// Styles of texts; those of numbers are their formats.
const (
	styleTitle = "title"
	styleHead  = "head"
	styleLong  = "long" // with its lines broken
)

func (w *workbook) style(name string) (int, error) {
	if id, known := w.styles[name]; known || name == "" {
		return id, nil
	}
	style := excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}}
	switch name {
	case styleTitle:
		style.Font = &excelize.Font{Bold: true, Size: 16}
	case styleHead:
		style.Font, style.Alignment = &excelize.Font{Bold: true}, &excelize.Alignment{Vertical: "top", WrapText: true}
	case styleLong:
		style.Alignment.WrapText = true
	case formatNumber: // no format is that
	default:
		style.CustomNumFmt = &name
	}
	id, err := w.file.NewStyle(&style)
	w.styles[name] = id
	return id, err
}

// cell makes a cell: a number is a number where all of it is kept, and a text is never a formula.
func (w *workbook) cell(d datum, style string) (cell excelize.Cell, err error) {
	value := any(d.text)
	switch {
	case d.format == formatDay && d.text != "":
		if value, err = time.Parse(time.DateOnly, d.text); err != nil {
			return cell, err
		}
		style = d.format
	case d.number != "":
		number, kept, err := d.number.double()
		if err != nil {
			return cell, err
		}
		value = number
		if !kept {
			value = string(d.number)
		}
		style = d.format
	case d.text == "":
		value = nil
	}
	cell.Value = value
	cell.StyleID, err = w.style(style)
	return cell, err
}

// begin begins a sheet for paper that is turned, as wide as one page, with rows that stay in sight and come on each page.
func (w *workbook) begin(name string, widths []float64, fixed int) (*excelize.StreamWriter, error) {
	fit, landscape, a4, width := true, "landscape", 9, 1
	if err := errors.Join(
		w.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}),
		w.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &width, FitToHeight: new(int)}),
	); err != nil {
		return nil, err
	}
	out, err := w.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, width := range widths {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if fixed == 0 {
		return out, nil
	}
	if err := w.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: name, RefersTo: fmt.Sprintf("'%s'!$1:$%d", name, fixed)}); err != nil {
		return nil, err
	}
	err = out.SetPanes(&excelize.Panes{Freeze: true, YSplit: fixed, TopLeftCell: fmt.Sprintf("A%d", fixed+1), ActivePane: "bottomLeft"})
	return out, err
}

// table writes a sheet: a header that stays in sight, with filters, and the rows.
func (w *workbook) table(s sheet) error {
	widths := make([]float64, len(s.columns))
	head := make([]any, len(s.columns))
	style, err := w.style(styleHead)
	if err != nil {
		return err
	}
	for i, column := range s.columns {
		widths[i] = column.width
		head[i] = excelize.Cell{StyleID: style, Value: column.title}
	}
	out, err := w.begin(s.name, widths, 1)
	if err != nil {
		return err
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	for i, row := range s.rows {
		line := make([]any, len(row))
		for k, d := range row {
			style := ""
			if s.columns[k].width == sentences {
				style = styleLong
			}
			if line[k], err = w.cell(d, style); err != nil {
				return fmt.Errorf("column %s: %w", s.columns[k].id, err)
			}
		}
		if err := out.SetRow(fmt.Sprintf("A%d", i+2), line); err != nil {
			return err
		}
	}
	if len(s.rows) > 0 {
		last, err := excelize.CoordinatesToCellName(len(s.columns), len(s.rows)+1)
		if err != nil {
			return err
		}
		stripes := true
		if err := out.AddTable(&excelize.Table{Range: "A1:" + last, Name: "Table_" + strings.ReplaceAll(s.name, " ", "_"), StyleName: "TableStyleLight1", ShowRowStripes: &stripes}); err != nil {
			return err
		}
	}
	return out.Flush()
}
