# What the gate says of measurements whose answer is known: judges.jsonl has one metric that got three times as large, where
# less is better, one that became a third, and one that did not change.
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
ktstr --plugin-dir "$1" gate score judges.jsonl --gate "com.example.gate-@NAME@/@NAME@" --rows "$rows"
while read -r metric outcome; do
  if ! grep "\"metric\": *\"$metric\"" "$rows" | grep -q "\"$outcome\""; then
    echo "metric $metric is not judged $outcome:" >&2
    cat "$rows" >&2
    exit 1
  fi
done <<END
grew regressed
shrank improved
stayed unchanged
END
