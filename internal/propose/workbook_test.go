package propose_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/partnerplus/warehouse/internal/propose"
)

func TestWorkbook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	book := excelize.NewFile()
	rows := [][]any{{"Currency", "Day", "Rate to USD"}}
	for i := range 20 {
		rows = append(rows, []any{[]string{"EUR", "CHF"}[i%2], time.Date(2024, 1, i/2+1, 0, 0, 0, 0, time.UTC), 1.05 + float64(i)/100})
	}
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var content bytes.Buffer
	if err := book.Write(&content); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "in", "rates.xlsx"), content.Bytes())
	p := run(t, propose.Request{From: filepath.Join(dir, "in"), Dir: dir, Name: "rates"})
	p.golden(t, "workbook")
	if got, want := values(t, p.preview(t, "rates", 0)[1], 1, "currency day rate"), "currency=CHF day=2024-01-01 rate=1.06"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
