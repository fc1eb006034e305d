package account

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	budgettypes "github.com/aws/aws-sdk-go-v2/service/budgets/types"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/membership"
)

func readBudgets(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	list, err := listBudgets(ctx, c.ConfigFor("budgets", ""), c.Account.ID)
	if err != nil {
		return err
	}
	out := []any{}
	for _, b := range list {
		// The management account's budgets for single members are not its own.
		if linked := linkedAccounts(b); len(linked) == 0 || slices.Contains(linked, c.Account.ID) {
			out = append(out, budget(b))
		}
	}
	d.Set("budgets", out)
	return nil
}

// readPayerBudgets lists the management account's budgets for this member.
func readPayerBudgets(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	org, err := membership.Of(ctx, c)
	switch {
	case err != nil:
		return err
	case org == nil, org.ManagementID == c.Account.ID:
		d.Set("payer_budgets", []any{})
		return nil
	}
	cfg, ok := org.Management(c, "budgets")
	if !ok {
		return onlyManagement("Budgets.DescribeBudgets", org)
	}
	list, err := listBudgets(ctx, cfg, org.ManagementID)
	if err != nil {
		return err
	}
	out := []any{}
	for _, b := range list {
		if slices.Contains(linkedAccounts(b), c.Account.ID) {
			out = append(out, budget(b))
		}
	}
	d.Set("payer_budgets", out)
	return nil
}

func listBudgets(ctx context.Context, cfg aws.Config, account string) ([]budgettypes.Budget, error) {
	var out []budgettypes.Budget
	pages := budgets.NewDescribeBudgetsPaginator(budgets.NewFromConfig(cfg), &budgets.DescribeBudgetsInput{
		AccountId: &account, MaxResults: aws.Int32(100), ShowFilterExpression: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Budgets...)
	}
	return out, nil
}

func budget(b budgettypes.Budget) map[string]any {
	out := map[string]any{"name": b.BudgetName, "budget_type": b.BudgetType, "time_unit": b.TimeUnit, "start": nil, "end": nil}
	if b.TimePeriod != nil {
		out["start"], out["end"] = b.TimePeriod.Start, b.TimePeriod.End
	}
	return out
}

// linkedAccounts are the accounts to which a budget is filtered, by the old kind of
// filter or the new one; none when it is for all.
func linkedAccounts(b budgettypes.Budget) []string {
	//nolint:staticcheck // budgets made before filter expressions still answer with the old filters
	return append(slices.Clone(b.CostFilters["LinkedAccount"]), linkedIn(b.FilterExpression)...)
}

func linkedIn(e *budgettypes.Expression) []string {
	if e == nil {
		return nil
	}
	var out []string
	if e.Dimensions != nil && e.Dimensions.Key == budgettypes.DimensionLinkedAccount {
		out = append(out, e.Dimensions.Values...)
	}
	for _, sub := range append(slices.Clone(e.And), e.Or...) {
		out = append(out, linkedIn(&sub)...)
	}
	return out
}

// payer reports whether the account pays its own bill: outside an organisation, or as
// its management account. Only there are the settings of Cost Explorer to be found.
func payer(ctx context.Context, c *awskit.Cell) (bool, error) {
	org, err := membership.Of(ctx, c)
	return err == nil && (org == nil || org.ManagementID == c.Account.ID), err
}

func readCostAllocationTags(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	pays, err := payer(ctx, c)
	if err != nil {
		return err
	}
	if !pays {
		d.Set("cost_allocation_tags", nil)
		return nil
	}
	status := types.CostAllocationTagStatusActive
	if d.Wants("spend") {
		status = "" // it needs all of them: one list is enough
	}
	tags, err := costTags(ctx, c, status)
	if err != nil {
		return err
	}
	keys := []*string{}
	for _, t := range tags {
		if t.Status == types.CostAllocationTagStatusActive {
			keys = append(keys, t.TagKey)
		}
	}
	d.Set("cost_allocation_tags", keys)
	return nil
}

func readAnomalyMonitors(ctx context.Context, c *awskit.Cell, _ item, d *awskit.Draft) error {
	pays, err := payer(ctx, c)
	if err != nil {
		return err
	}
	if !pays {
		d.Set("anomaly_monitors", nil)
		return nil
	}
	pages := costexplorer.NewGetAnomalyMonitorsPaginator(awskit.ClientFor(c, "ce", "", costexplorer.NewFromConfig), &costexplorer.GetAnomalyMonitorsInput{})
	list := []any{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, m := range page.AnomalyMonitors {
			var dimension any
			if m.MonitorDimension != "" {
				dimension = string(m.MonitorDimension)
			}
			list = append(list, map[string]any{"monitor_name": m.MonitorName, "monitor_type": m.MonitorType, "monitor_dimension": dimension})
		}
	}
	d.Set("anomaly_monitors", list)
	return nil
}
