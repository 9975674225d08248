package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/chromium"
	"github.com/partnerplus/warehouse/review"
)

func (a *app) reviewPack() *cobra.Command {
	var month, file, dir string
	formats := formNames()
	cmd := &cobra.Command{
		Use:   "pack",
		Short: "Write the review pack of a month: a page to read and print, a workbook, CSV files and a PDF",
		Long: `pack writes what a monthly review talks about. The page's first screen says in short what changed, what is at risk and what is to be
decided; below are all metrics of the portfolio and of every programme with their trends, the assessment, risks and opportunities,
exceptions, distribution, the age of the liability, the checks, and the action plan with the decisions taken so far. Nothing is recorded.

All forms have the same data, of one edition of the figures:

  html  review-MONTH.html, one page that needs no network and prints on A4
  xlsx  review-MONTH.xlsx, a workbook for Excel. An amount with more than 15 digits stands in it as a text: Excel would lose its cents
  csv   review-MONTH-csv, a folder with a file a table: figures.csv, findings.csv, plan.csv, … with every number exactly. A text that a
        spreadsheet would take for a formula begins with an apostrophe
  pdf   review-MONTH.pdf, the page as it is printed by the Chromium that is on the PATH, or that ` + chromium.EnvProgram + ` names

A PDF that cannot be made fails the command only where --format names pdf. Files that are there are replaced.`,
		Example: `  partnerplus review pack                    # the month under review
  partnerplus review pack --month 2026-09 --dir packs
  partnerplus review pack --month 2026-09 --file september.html   # and september.xlsx, september-csv, september.pdf
  partnerplus review pack --month 2026-09 --format html,pdf`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if dir != "" && file != "" {
				return &usageError{errors.New("--dir and --file exclude each other: --file names the folder too")}
			}
			forms, err := packForms(formats)
			if err != nil {
				return err
			}
			wanted, err := flagMonth(cmd, month)
			if err != nil {
				return err
			}
			mustPDF := cmd.Flags().Changed("format") && slices.Contains(forms, review.PDF)
			if _, err := chromium.Find(); err != nil && mustPDF {
				return fmt.Errorf("--format pdf: %w", err)
			}
			c, err := a.loadOrDefault(cmd)
			if err != nil {
				return err
			}
			warehouse, err := a.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			if wanted.IsZero() {
				if wanted, err = underReview(cmd.Context(), warehouse); err != nil {
					return err
				}
			}
			of := review.MonthOf(wanted)
			if file == "" {
				file = filepath.Join(dir, review.FileName(of))
			}
			written, err := a.writePack(cmd.Context(), warehouse, of, file, forms...)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(a.out, written)
			} else {
				err = a.printPack(written)
			}
			if written.NoPDF != "" && mustPDF {
				err = errors.Join(err, fmt.Errorf("there is no PDF: %s", written.NoPDF))
			}
			return err
		},
	}
	anyMonthFlag(cmd, &month)
	cmd.Flags().StringVar(&dir, "dir", "", "folder to write into (default: where you are)")
	cmd.Flags().StringVar(&file, "file", "", "file of the page; the other forms take its name (default: review-MONTH.html)")
	cmd.Flags().StringSliceVar(&formats, "format", formats, "forms to write; pdf only where a Chromium is found, unless it is named here")
	a.outputFlag(cmd)
	return cmd
}

func formNames() (names []string) {
	for _, form := range review.Forms() {
		names = append(names, string(form))
	}
	return names
}

func packForms(names []string) (forms []review.Form, err error) {
	for _, name := range names {
		if !slices.Contains(review.Forms(), review.Form(name)) {
			return nil, &usageError{fmt.Errorf("--format %s: a pack is written as html, xlsx, csv or pdf", name)}
		}
		forms = append(forms, review.Form(name))
	}
	if len(forms) == 0 {
		return nil, &usageError{errors.New("--format names no form: html, xlsx, csv or pdf")}
	}
	return forms, nil
}

// writtenPack is what is told of a pack.
type writtenPack struct {
	Month string   `json:"month"`
	AsOf  string   `json:"data_as_of"`
	Files []string `json:"files"`
	NoPDF string   `json:"no_pdf,omitempty"` // why, where a PDF was asked for
}

// writePack writes the review pack of a month: its page into the file, its other forms beside it.
func (a *app) writePack(ctx context.Context, from review.Reader, month review.Month, file string, forms ...review.Form) (writtenPack, error) {
	pack, err := review.Read(ctx, from, month)
	if err != nil {
		return writtenPack{}, err
	}
	written, err := pack.Write(ctx, file, forms...)
	told := writtenPack{Month: month.String(), AsOf: pack.Data.NewestEvent, Files: written.Files}
	if written.NoPDF != nil {
		told.NoPDF = written.NoPDF.Error()
	}
	return told, err
}

// printPack names the files of a pack.
func (a *app) printPack(written writtenPack) error {
	for _, file := range written.Files {
		if _, err := fmt.Fprintf(a.out, "%s: the review pack of %s, data as of %s\n", file, written.Month, written.AsOf); err != nil {
			return err
		}
	}
	if written.NoPDF != "" {
		_, _ = fmt.Fprintf(a.errOut, "there is no PDF of it: %s\n", written.NoPDF)
	}
	return nil
}
