// Command images draws the dashboards of the README from the sample company of `partnerplus demo`, by way of Grafana's query path:
// make dashboard-images. It needs Chromium, and a folder for what it makes.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/partnerplus/warehouse/internal/chromium"
	"github.com/partnerplus/warehouse/internal/demo"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/grafana/dashboard"
	"github.com/partnerplus/warehouse/test/grafana/picture"
	"github.com/partnerplus/warehouse/test/grafana/place"
)

const (
	seed     = 2026
	patience = 2 * time.Minute // with Chromium
)

// shown are the dashboards by the names of their files, and the present of the company: its newest month is over.
var (
	shown   = []string{"portfolio", "program"}
	present = time.Date(2026, 10, 2, 9, 0, 0, 0, time.UTC)
)

func main() {
	engine.ChildMain()
	deploy := flag.String("deploy", "../../deploy", "the folder of that name")
	flag.Parse()
	backend.Logger = log.NewNullLogger()
	if err := run(context.Background(), *deploy); err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, deploy string) (err error) {
	browser, err := chromium.Find()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "partnerplus-images-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	company, err := demo.Generate(filepath.Join(dir, "company"), seed)
	if err != nil {
		return err
	}
	api, err := demo.Serve(ctx, company, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, api.Close()) }()
	if err := errors.Join(os.Setenv(demo.EnvURL, api.URL), os.Setenv(demo.EnvToken, api.Token)); err != nil {
		return err
	}
	p, err := place.Open(ctx, filepath.Join(dir, "warehouse"), deploy, filepath.Join(company.Dir, demo.ConfigFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	reviewed := load.ReviewOpening{Month: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), By: "Ada"}
	if _, err := p.Pipeline.OpenReview(ctx, reviewed); err != nil {
		return err
	}
	for _, name := range shown {
		if err := paint(ctx, p, browser, dir, deploy, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// paint draws one dashboard into deploy/grafana/images.
func paint(ctx context.Context, p *place.Place, browser, dir, deploy, name string) error {
	content, err := os.ReadFile(filepath.Join(deploy, "grafana", "dashboards", name+".json"))
	if err != nil {
		return err
	}
	d, err := dashboard.Parse(content)
	if err != nil {
		return err
	}
	v, err := d.Open(ctx, p.Source, dashboard.Visit{Now: present, Zone: "UTC"})
	if err != nil {
		return err
	}
	page, height, err := picture.Page(ctx, v, "The panels' data of the sample company, drawn by make dashboard-images: not a screenshot of Grafana")
	if err != nil {
		return err
	}
	file, shot := filepath.Join(dir, name+".html"), filepath.Join(dir, name+".png")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
		"--user-data-dir="+filepath.Join(dir, "browser"), fmt.Sprintf("--window-size=%d,%d", picture.Width, height), "--screenshot="+shot, "file://"+file)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // to be ended with its children, which hold its output open
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", browser, err, out)
	}
	small, err := shrink(shot)
	if err != nil {
		return err
	}
	to := filepath.Join(deploy, "grafana", "images", name+".png")
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	fmt.Printf("%s: %d kB\n", to, len(small)/1000)
	return os.WriteFile(to, small, 0o644)
}

// shrink writes a picture in its 128 most frequent colours: a third of the bytes, and nobody sees it.
func shrink(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	whole, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	count := map[color.RGBA]int{}
	bounds := whole.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[color.RGBAModel.Convert(whole.At(x, y)).(color.RGBA)]++
		}
	}
	var all []color.RGBA
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return (count[b]-count[a])<<1 + compare(a, b)
	})
	var few color.Palette
	for _, c := range all[:min(len(all), 128)] {
		few = append(few, c)
	}
	painted := image.NewPaletted(bounds, few)
	draw.Draw(painted, bounds, whole, bounds.Min, draw.Src)
	var small bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, painted)
	return small.Bytes(), err
}

// compare puts colours in an order that is the same each time.
func compare(a, b color.RGBA) int {
	of := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	return max(min(of(a)-of(b), 1), -1)
}
