package finding

import (
	"encoding/json"
	"testing"
)

func TestAmountsAddUpExactly(t *testing.T) {
	sum := Decimal("")
	for range 1000 {
		one, err := ParseDecimal("0.1000000001")
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(one)
	}
	if sum != "100.0000001" {
		t.Errorf("a thousand times is %s", sum)
	}
}

func TestANumberHasOneForm(t *testing.T) {
	for text, want := range map[string]Decimal{
		"0": "0", "-0.00": "0", "+7": "7", "12.3400": "12.34", "-0.5": "-0.5", "1.5E-7": "0.00000015", "2e3": "2000", "007": "7",
	} {
		if got, err := ParseDecimal(text); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1/3", "1,5", "0x10", "1e999", "NaN", "Inf", " 1", "1.", ".5", "1_000"} {
		if got, err := ParseDecimal(text); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func TestAmountsAreRoundedForPeople(t *testing.T) {
	for _, c := range []struct {
		d      Decimal
		places int
		want   string
	}{
		{"1234567.005", 2, "1,234,567.01"}, {"999.5", 0, "1,000"}, {"-1234.5", 0, "-1,235"}, {"-0.001", 2, "0.00"}, {"12", 2, "12.00"}, {"", 0, "0"},
	} {
		if got := c.d.Round(c.places); got != c.want {
			t.Errorf("%s to %d places is %s, want %s", c.d, c.places, got, c.want)
		}
	}
}

func TestAnAmountInJSONIsAText(t *testing.T) {
	b, err := json.Marshal(Charge{Account: "1", Money: Money{Currency: "USD"}})
	if want := `{"account":"1","amount":"0","currency":"USD"}`; err != nil || string(b) != want {
		t.Errorf("%s (%v), want %s", b, err, want)
	}
	var c Charge
	if err := json.Unmarshal([]byte(`{"amount":"1.50"}`), &c); err != nil || c.Amount != "1.5" {
		t.Errorf("%q, %v", c.Amount, err)
	}
	if err := json.Unmarshal([]byte(`{"amount":"much"}`), &c); err == nil {
		t.Error("a text that is no number is taken")
	}
}

func TestAmountsOfSeveralCurrenciesAreNotAdded(t *testing.T) {
	sum := Sum{}.Plus(Money{"1", "USD"}).Plus(Money{"2", "CNY"}).Plus(Money{"0.5", "USD"})
	if len(sum) != 2 || sum.Of("USD") != "1.5" || sum.Of("CNY") != "2" || sum.Of("EUR") != "0" {
		t.Errorf("got %v", sum)
	}
}
