package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCleanLeavesOnlyWhatCanBeSeen(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"bucket-1":                              "bucket-1",
		"東京 日本 é 🛡️":                            "東京 日本 é 🛡️",
		"a\r\nb\tc":                             "a b c",
		"  a  b  ":                              "a b",
		"a\u00a0b\u2028c\u3000d":                "a b c d",
		"\x1b[2J\x07\x7f":                       `\x1b[2J\x07\x7f`,
		"\u009b31m":                             `\x9b31m`,
		"user\u202etxt.exe":                     `user\u202etxt.exe`,
		"ze\u200bro\ufeff":                      `ze\u200bro\ufeff`,
		"tag\U000e0041":                         `tag\U000e0041`,
		"hangul\u3164":                          `hangul\u3164`,
		"soft\u00adhyphen":                      `soft\xadhyphen`,
		"\xff\xfe":                              `\xff\xfe`,
		"\ufffd":                                "\ufffd",
		"##[add-mask]x":                         `##\x5badd-mask]x`,
		"e\u0301\u0301\u0301\u0301\u0301\u0301": "e\u0301\u0301\u0301\u0301" + `\u0301\u0301`,
		"#[1] [2]":                              "#[1] [2]",
		"::error::x":                            `\x3a:error::x`,
		"a ::add-mask::x ::notice file=a::y":    `a \x3a:add-mask::x \x3a:notice file=a::y`,
		"arn:aws:s3:::a::b from ::/0 and ::1":   "arn:aws:s3:::a::b from ::/0 and ::1",
		"::ffff:10.0.0.1 and fe80::1":           "::ffff:10.0.0.1 and fe80::1",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestWrapBreaksAtSpacesThenWithinNames(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		n    int
		want []string
	}{
		"fits":                 {"two words", 9, []string{"two words"}},
		"at a space":           {"two words", 8, []string{"two", "words"}},
		"never":                {"two words", 0, []string{"two words"}},
		"within an identifier": {"arn:aws:s3:::customer-exports", 20, []string{"arn:aws:s3:::", "customer-exports"}},
		"anywhere":             {"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		"wide characters":      {"東京の注文", 4, []string{"東京", "の注", "文"}},
		"one column":           {"東b", 1, []string{"東", "b"}},
		"empty":                {"", 5, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, wrap(tt.in, tt.n)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzTextStaysWithinItsWidth(f *testing.F) {
	f.Add(hostile, 20)
	f.Add("arn:aws:s3:::customer-exports and more", 7)
	f.Add("東京の注文 x", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 2 || n > 500 {
			return
		}
		c := clean(s)
		if again := clean(c); again != c {
			t.Errorf("cleaning %q twice gives %q", c, again)
		}
		var joined strings.Builder
		for _, l := range wrap(c, n) {
			if width(l) > n {
				t.Errorf("line %q has %d columns of %d", l, width(l), n)
			}
			joined.WriteString(l)
		}
		if without := strings.ReplaceAll(c, " ", ""); strings.ReplaceAll(joined.String(), " ", "") != without {
			t.Errorf("wrapping %q lost something: %q", c, joined.String())
		}
		if width(cut(c, n)) > n {
			t.Errorf("%q cut to %d is %q", c, n, cut(c, n))
		}
	})
}

func TestNumbersAreEasyToRead(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 4320: "4,320", 1234567: "1,234,567", -1234: "-1,234"} {
		if got := number(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
	for v, want := range map[float64]string{0: "$0.00", 8: "$8.00", 1240.5: "$1,240.50", 1234567.891: "$1,234,567.89", -5: "-$5.00"} {
		if got := dollars(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
	for want, got := range map[string]string{"1 cell": count(1, "cell"), "2 cells": count(2, "cell"), "0 policies": count(0, "policy"), "1,000 gaps": count(1000, "gap")} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
