#!/bin/sh
# Checks a device, stage by stage. Needs neither Java nor make: the bundle it lies in brings what it runs. Starts in the root of a
# checkout, where the golden files are.
#
#   sh BUNDLE/gpu-check.sh [DEVICE [OUT [--stage NAME,NAME...] [--report FILE_WITHOUT_ENDING]]]
#
# DEVICE is cuda, cuda:N or cuda-emulated (default cuda), OUT the folder of reports (default build/gpu-check). Stages: device,
# contract, golden, speed, sweep, sanitizer. Started again with the same OUT it goes on behind the last report; to run a stage
# again, delete its report. Exit status: 0 passed, 1 a stage failed, 2 bad arguments.
set -eu
bundle=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
device=${1-cuda} out=${2-build/gpu-check}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift

path=$bundle/tests/java-bindings:$bundle/tests/model:$bundle/tests/analysis
for jar in "$bundle"/lib/*.jar; do
    path=$path:$jar
done
exec "$bundle/jre/bin/java" -XX:+UseSerialGC -Dstdout.encoding=UTF-8 "-Dpatchbay.build=$(cat "$bundle/build-id")" -cp "$path" \
    dev.patchbay.bench.gpu.GpuCheck "$device" "$out" "$@"
