#!/bin/sh
# Searches for inputs that a reader of untrusted files does not bear: header, index, configuration, tokenizer.
#
#   fuzz.sh MINUTES
#
# Every target runs for MINUTES in a process of its own, from the committed corpus and from what earlier runs found (build/fuzz).
# Exit 1: a finding; the input lies in build/fuzz/findings. Add it to model/src/test/resources/fuzz/TARGET with the repair.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd "$here/../../../.."
minutes=${1:-10}
JAVA_HOME=$(sh cli/src/main/sh/find-jdk.sh build)
export JAVA_HOME
unset MFLAGS MAKELEVEL
mkdir -p build/fuzz/findings
mvn -B -ntp -q -Dstyle.color=never -Pfuzz -pl java-bindings,model test-compile \
    dependency:build-classpath -Dmdep.outputFile="$PWD/build/fuzz/classpath"
classpath=model/target/test-classes:model/target/classes:$(cat build/fuzz/classpath)
status=0
pids=
for target in header:checkpoint.HeaderFuzz index:checkpoint.IndexFuzz config:checkpoint.ConfigFuzz \
    tokenizer:tokenizer.TokenizerFuzz; do
    name=${target%%:*}
    mkdir -p "build/fuzz/$name"
    "$JAVA_HOME/bin/java" -Xmx256m -XX:+UseSerialGC -cp "$classpath" com.code_intelligence.jazzer.Jazzer \
        --target_class="dev.patchbay.model.${target##*:}" --instrumentation_includes='dev.patchbay.model.**' \
        --custom_hook_excludes='**' --reproducer_path=build/fuzz/findings -artifact_prefix="build/fuzz/findings/$name-" \
        -max_total_time=$((minutes * 60)) -max_len=2048 -print_final_stats=1 \
        -dict=model/src/test/resources/fuzz/dictionary "build/fuzz/$name" "model/src/test/resources/fuzz/$name" \
        >"build/fuzz/$name.log" 2>&1 &
    pids="$pids $name:$!"
done
for pid in $pids; do
    wait "${pid##*:}" || status=1
    name=${pid%%:*}
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log")
    printf '%-10s %12s runs   %s\n' "$name" "${runs:-?}" "build/fuzz/$name.log"
done
if [ $status = 0 ]; then
    echo "no findings"
else
    echo "findings: see build/fuzz/findings and the logs" >&2
fi
exit $status
