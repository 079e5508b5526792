#!/bin/sh
# check-budget.sh <measured.tsv> <budget.tsv> [1: write the budget instead]
# Fails where a kernel spills, needs more than its line in the budget allows, or has no line. Dynamic shared memory is a
# function of the launch (launch.h) and not in the table.
set -eu
measured=$1 budget=$2
if [ "${3:-}" = 1 ]; then
    { printf '# kernel\ttarget\tregisters\tstatic shared bytes\tstack bytes\tspilled bytes\n'; cat "$measured"; } > "$budget"
    echo "budget: written, $(grep -c -v '^#' "$budget") lines"
    exit
fi
awk -F '\t' '
    /^#/ { next }
    FNR == NR { allowed[$1, $2] = $0; next }
    {
        count++
        name = $1 " (" $2 ")"
        if ($6 > 0) { print "budget: " name " spills " $6 " bytes"; bad = 1 }
        if (!(($1, $2) in allowed)) { print "budget: " name " has no line in the table"; bad = 1; next }
        split(allowed[$1, $2], limit, FS)
        if ($3 > limit[3]) { print "budget: " name " uses " $3 " registers, allowed " limit[3]; bad = 1 }
        if ($4 > limit[4]) { print "budget: " name " uses " $4 " bytes of static shared memory, allowed " limit[4]; bad = 1 }
        if ($5 > limit[5]) { print "budget: " name " uses " $5 " bytes of stack, allowed " limit[5]; bad = 1 }
    }
    END {
        if (count == 0) { print "budget: nothing was measured"; bad = 1 }
        exit bad
    }' "$budget" "$measured" >&2
echo "budget: $(wc -l < "$measured") kernels and targets within it, no spills"
