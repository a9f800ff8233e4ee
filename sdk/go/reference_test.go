//go:build !wasip1

package sluicebox

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"sluicebox/internal/call"
)

type page struct {
	Path   string
	Weight *int64
	Tags   []string `column:"the tags"`
}

func TestATableIsReadByTheNamesOfItsColumns(t *testing.T) {
	weight := int64(3)
	SetTable("pages", []page{{"/home", &weight, []string{"a"}}, {"/about", nil, nil}})
	type weighted struct {
		Weight *int64
		Path   string
	}
	rows, err := Table[weighted]("pages")
	if err != nil || len(rows) != 2 || rows[0].Path != "/home" || *rows[0].Weight != 3 || rows[1] != (weighted{nil, "/about"}) {
		t.Fatal(rows, err)
	}
	paths, err := Table[string]("pages", "path")
	if err != nil || !reflect.DeepEqual(paths, []string{"/home", "/about"}) {
		t.Fatal(paths, err)
	}
}

func TestWhatATableHasNotIsTold(t *testing.T) {
	SetTable("pages", []page{{"/home", nil, nil}})
	for _, c := range []struct {
		read     func() (any, error)
		expected string
	}{
		{func() (any, error) { return Table[string]("page", "path") }, "there is no table `page`, or its job doesn't grant it"},
		{func() (any, error) { return Table[string]("pages", "pfad") }, "table `pages` has no column `pfad`; it has path, weight, the tags"},
		{func() (any, error) { return Table[string]("pages", "weight") }, "table `pages`: column `weight` is int64, and is read as utf8"},
		{func() (any, error) { return Table[string]("pages") }, "table `pages`: name the column that is read"},
		{func() (any, error) { return Table[int64]("pages", "weight") }, "table `pages`, row 0: column `weight` is null"},
	} {
		if _, err := c.read(); err == nil || !strings.Contains(err.Error(), c.expected) {
			t.Errorf("no %q in %v", c.expected, err)
		}
	}
}

func TestAValueIsReadInPieces(t *testing.T) {
	large := make([]byte, piece*2+7)
	large[piece], large[len(large)-1] = 1, 2
	SetBroadcast("model", large)
	read, err := Broadcast("model")
	if err != nil || !reflect.DeepEqual(read, large) {
		t.Fatal(err, len(read))
	}
	if _, err := Broadcast("none"); err == nil || !strings.Contains(err.Error(), "there is no value `none`, or its job doesn't grant it") {
		t.Fatal(err)
	}
}

func TestNothingIsReadWhenColumnsAreAgreedOn(t *testing.T) {
	SetTable("pages", []page{{"/home", nil, nil}})
	read := func() error {
		if _, err := Table[string]("pages", "path"); err != nil {
			return fmt.Errorf("the pages: %w", err)
		}
		return nil
	}
	if err := call.Bound(read); err != nil || read() != nil {
		t.Fatal(err)
	}
	wrong := func() error {
		_, err := Broadcast("none")
		if !errors.Is(err, call.ErrNotYet) {
			t.Error(err)
		}
		return InvalidConfig("five is too many")
	}
	if err := call.Bound(wrong); err == nil || err.Error() != "five is too many" {
		t.Fatal(err)
	}
}
