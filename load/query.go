package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/xuri/excelize/v2"
)

// Ask runs a person's statement and gives the answer in one of ClickHouse's formats. It can only read unless write is
// set. The caller closes the answer.
func (w *Warehouse) Ask(ctx context.Context, format, statement string, write, colour bool) (io.ReadCloser, error) {
	settings := clickhouse.Settings{
		"output_format_json_quote_decimals":                      1, // a reader's float would lose digits
		"output_format_pretty_color":                             flag(colour),
		"output_format_pretty_row_numbers":                       0,
		"output_format_pretty_max_rows":                          100_000,
		"output_format_pretty_single_large_number_tip_threshold": 0,
	}
	if !write {
		settings["readonly"] = 2 // settings may change, nothing else
	}
	statement = strings.TrimRight(statement, "; \t\r\n")
	if !write && insertion.MatchString(statement) { // into a file or an address, the server calls that reading
		return nil, &Error{Op: "query", Hint: writeHint, Err: errors.New("the statement may only read")}
	}
	asked := clickhouse.Context(ctx, clickhouse.WithSettings(settings))
	if write { // it has no rows to format, and nobody knows whether it may be repeated
		if err := w.conn.Exec(asked, statement); err != nil {
			return nil, wrap("query", err)
		}
		return io.NopCloser(strings.NewReader("")), nil
	}
	var answer io.ReadCloser
	err := w.do(ctx, "query", func(context.Context) (err error) {
		answer, err = w.conn.QueryFormat(asked, format, statement)
		return err
	})
	own, exception := new(Error), new(clickhouse.Exception)
	if errors.As(err, &own) && errors.As(err, &exception) && exception.Code == 164 {
		own.Hint = writeHint
	}
	return answer, err
}

const writeHint = "partnerplus query --write lets it change the warehouse"

var insertion = regexp.MustCompile(`(?is)^(\s|--[^\n]*\n|/\*.*?\*/)*insert\b`)

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

// excelDigits is how many digits a number in Excel keeps; longer ones are written as text.
const excelDigits = 15

// QueryXLSX runs a statement that reads and writes its answer as an Excel file with one sheet.
func (w *Warehouse) QueryXLSX(ctx context.Context, statement string, out io.Writer) (err error) {
	answer, err := w.Ask(ctx, "JSONCompactEachRowWithNamesAndTypes", statement, false, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	lines := bufio.NewReader(answer)
	var numeric []bool
	for line, row := 0, 1; ; line++ {
		text, err := lines.ReadBytes('\n')
		if len(text) > 0 {
			var cells []any
			numbers := json.NewDecoder(bytes.NewReader(text))
			numbers.UseNumber() // a float would lose digits
			if err := numbers.Decode(&cells); err != nil {
				return fmt.Errorf("xlsx: read the answer: %w", err)
			}
			switch line {
			case 1: // the types
				for _, cell := range cells {
					numeric = append(numeric, isNumeric(fmt.Sprint(cell)))
				}
			default:
				for i := range cells {
					cells[i] = excelCell(cells[i], numeric != nil && numeric[i])
				}
				if err := sheet.SetRow(fmt.Sprintf("A%d", row), cells); err != nil {
					return fmt.Errorf("xlsx: row %d: %w", row, err)
				}
				row++
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("xlsx: read the answer: %w", err)
		}
	}
	if err := sheet.Flush(); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	return book.Write(out)
}

func isNumeric(columnType string) bool {
	columnType = strings.TrimPrefix(columnType, "Nullable(")
	return strings.HasPrefix(columnType, "Decimal") || strings.HasPrefix(columnType, "UInt") || strings.HasPrefix(columnType, "Int")
}

// excelCell gives a number, quoted or not, as a number, where Excel keeps all of its digits.
func excelCell(cell any, numeric bool) any {
	text, quoted := cell.(string)
	if number, ok := cell.(json.Number); ok {
		if float, err := number.Float64(); err == nil && !numeric {
			return float
		}
		text = number.String()
	} else if !numeric || !quoted {
		return cell
	}
	if len(strings.Trim(strings.ReplaceAll(text, ".", ""), "-0")) > excelDigits {
		return text
	}
	var number float64
	if json.Unmarshal([]byte(text), &number) != nil {
		return text
	}
	return number
}
