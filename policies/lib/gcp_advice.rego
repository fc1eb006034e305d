# Recommendations of Google Cloud's recommenders.
package metsuke.lib.gcp_advice

# text returns what a recommendation says: its own sentence, else its kind.
text(recommendation) := recommendation.description if recommendation.description != null

text(recommendation) := recommendation.subtype if {
	recommendation.description == null
	recommendation.subtype != null
}

text(recommendation) := recommendation.name if {
	recommendation.description == null
	recommendation.subtype == null
}

# saving returns what a finding says of the money, nothing where it is not known
# in US dollars.
saving(recommendation) := {"monthly_cost_usd": recommendation.monthly_saving} if known(recommendation)

saving(recommendation) := {} if not known(recommendation)

known(recommendation) if {
	recommendation.currency == "USD"
	recommendation.monthly_saving > 0
}
