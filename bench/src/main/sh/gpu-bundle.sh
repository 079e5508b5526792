#!/bin/sh
# Makes build/gpu-bundle, a folder with all that a check of a GPU needs beside a checkout, and packs it.
#
#   gpu-bundle.sh folder   the folder
#   gpu-bundle.sh pack     the folder and build/gpu-bundle.tar.gz, which must stay small enough to be sent along
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd "$here/../../../.."
what=$1
most=34000000
bundle=build/gpu-bundle
JAVA_HOME=$(sh cli/src/main/sh/find-jdk.sh build)
export JAVA_HOME
unset MFLAGS MAKELEVEL
export MAKEFLAGS="-j$(nproc)"

mkdir -p build
if command -v flock >/dev/null; then
    exec 9>build/lock
    flock 9
fi
new=$PWD/$bundle.new
rm -rf "$new"
mkdir -p "$new/lib" "$new/tests"

# The tests are compiled and not run; their libraries come along.
mvn -B -ntp -Dstyle.color=never -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -DskipTests -Djacoco.skip=true \
    -pl bench -am \
    package dependency:copy-dependencies -DincludeScope=test -DoutputDirectory="$new/lib"
cp bench/target/patchbay-bench-*.jar "$new/lib"
# Commands, text and databases are not checked here: their jars and native libraries stay behind.
for unneeded in patchbay-cli picocli api tokenizers gson slf4j sqlite jcuda jcublas error_prone_annotations jmh jopt-simple commons-math3; do
    rm -f "$new/lib/$unneeded"-*.jar
done
for module in java-bindings model analysis; do
    mkdir "$new/tests/$module"
    (cd "$module/target/test-classes" && find . -name '*.class' -exec tar -cf - {} +) | tar -xf - -C "$new/tests/$module"
done
"$JAVA_HOME/bin/jlink" --add-modules java.base,java.logging --strip-debug --no-header-files --no-man-pages --vm server \
    --output "$new/jre"
cp "$here/gpu-check.sh" "$new/gpu-check.sh"

revision=$(git rev-parse --short HEAD 2>/dev/null || echo unversioned)
content=$(cd "$new" && find lib tests -type f | LC_ALL=C sort | while read -r file; do cat "$file"; done | sha256sum | cut -c1-12)
echo "$revision, content $content" >"$new/build-id"
rm -rf "$bundle"
mv "$new" "$bundle"
[ -f build/kernels/patchbay.fatbin ] ||
    echo "gpu-bundle: without CUDA kernels, since nvcc is not on PATH: it checks only cuda-emulated" >&2

[ "$what" = pack ] || exit 0
tar -C build --sort=name --owner=0 --group=0 --numeric-owner --mtime=2026-01-01T00:00:00Z -cf - gpu-bundle | gzip -9n >build/gpu-bundle.tar.gz.new
size=$(wc -c <build/gpu-bundle.tar.gz.new)
if [ "$size" -gt "$most" ]; then
    echo "gpu-bundle: $size bytes packed, more than the $most that can be sent along" >&2
    exit 1
fi
mv build/gpu-bundle.tar.gz.new build/gpu-bundle.tar.gz
echo "gpu-bundle: build/gpu-bundle.tar.gz, $size bytes"
