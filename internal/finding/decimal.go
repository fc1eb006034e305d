package finding

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// Decimal is an exact decimal number as plain text, "-12.0340" being "-12.034": amounts
// of money are added without the drift of floating point. The zero value is 0.
type Decimal string

// decimalForm is how numbers are written. The limits keep a text from standing for more
// digits than there is memory.
var decimalForm = regexp.MustCompile(`^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$`)

// ParseDecimal reads a decimal number, with or without an exponent.
func ParseDecimal(text string) (Decimal, error) {
	if !decimalForm.MatchString(text) {
		return "", fmt.Errorf("%q is no decimal number", text)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return "", fmt.Errorf("%q is no decimal number", text)
	}
	return decimalOf(r), nil
}

func decimalOf(r *big.Rat) Decimal {
	places, _ := r.FloatPrec() // always exact: only decimal numbers get here
	return Decimal(r.FloatString(places))
}

func (d Decimal) rat() *big.Rat {
	if r, ok := new(big.Rat).SetString(string(d)); ok {
		return r
	}
	return new(big.Rat)
}

// Add returns the sum.
func (d Decimal) Add(e Decimal) Decimal { return decimalOf(new(big.Rat).Add(d.rat(), e.rat())) }

// Sub returns the difference.
func (d Decimal) Sub(e Decimal) Decimal { return decimalOf(new(big.Rat).Sub(d.rat(), e.rat())) }

// Compare returns -1, 0 or 1 where d is less than, equal to or more than e.
func (d Decimal) Compare(e Decimal) int { return d.rat().Cmp(e.rat()) }

// Abs returns the number without its sign.
func (d Decimal) Abs() Decimal { return decimalOf(new(big.Rat).Abs(d.rat())) }

// Float returns the nearest floating-point number, for what knows no other.
func (d Decimal) Float() float64 {
	f, _ := d.rat().Float64()
	return f
}

// Share returns which part of a whole the number is, and false of nothing.
func (d Decimal) Share(of Decimal) (float64, bool) {
	whole := of.rat()
	if whole.Sign() == 0 {
		return 0, false
	}
	share, _ := new(big.Rat).Quo(d.rat(), whole).Float64()
	return share, true
}

// Round returns the number with so many places behind the point, for people: halves go
// away from 0, thousands are set apart by commas.
func (d Decimal) Round(places int) string {
	text := d.rat().FloatString(places)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	if strings.Trim(text, "0.") == "" {
		sign = ""
	}
	whole, part, hasPart := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasPart {
		whole += "." + part
	}
	return sign + whole
}

// MarshalText writes the number; the zero value is 0.
func (d Decimal) MarshalText() ([]byte, error) {
	if d == "" {
		return []byte("0"), nil
	}
	return []byte(d), nil
}

// UnmarshalText reads what MarshalText wrote.
func (d *Decimal) UnmarshalText(text []byte) error {
	v, err := ParseDecimal(string(text))
	if err == nil {
		*d = v
	}
	return err
}
