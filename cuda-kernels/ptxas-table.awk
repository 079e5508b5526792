# ptxas -v  ->  kernel, target, registers, static shared bytes, stack bytes, spilled bytes; one line a kernel and target.
/Compiling entry function/ {
    split($0, part, "'"); kernel = part[2]; target = part[4]; spills = 0; stack = 0
}
/bytes spill stores/ {
    stack = $1
    for (i = 1; i < NF; i++) if ($(i + 1) == "bytes" && $(i + 2) == "spill") spills += $i
}
/Used [0-9]+ registers/ {
    registers = 0; shared = 0
    for (i = 1; i < NF; i++) {
        if ($(i + 1) ~ /^registers/) registers = $i
        if ($(i + 1) == "bytes" && $(i + 2) ~ /^smem/) shared = $i
    }
    printf "%s\t%s\t%d\t%d\t%d\t%d\n", kernel, target, registers, shared, stack, spills
}
