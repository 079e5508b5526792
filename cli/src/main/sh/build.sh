#!/bin/sh
# Builds Patchbay into build/, one build at a time.
#
#   build.sh package              the jars, without tests
#   build.sh verify               the jars, every test and the format check
#   build.sh package --if-stale   nothing, unless something is missing or a source is newer than the last build
#
# Standard output holds Maven's warnings and errors and the results of tests. Exit 3: the machine lacks what a build needs.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd "$here/../../../.."
phase=$1 mode=${2-}
stamp=build/stamp

# Folders count too: their time changes when a file is deleted or renamed. What is named target or test does not reach the jars.
stale() {
    [ -f "$stamp" ] && [ -d build/lib ] || return 0
    [ ! pom.xml -nt "$stamp" ] && [ ! Makefile -nt "$stamp" ] || return 0
    set --
    for folder in java-bindings model analysis cli native cuda-kernels; do
        [ ! -d "$folder" ] || set -- "$@" "$folder"
    done
    [ -n "$(find "$@" -mindepth 1 \( -name target -o -name test -o -name '.*' \) -prune -o -newer "$stamp" -print -quit)" ]
}

if [ "$mode" = --if-stale ]; then stale || exit 0; fi

JAVA_HOME=$(sh "$here/find-jdk.sh" build)
export JAVA_HOME
for tool in mvn make g++; do
    command -v "$tool" >/dev/null && continue
    echo "patchbay: $tool is needed to build and is not on PATH (Debian: apt-get install maven make g++)" >&2
    exit 3
done

mkdir -p build
if command -v flock >/dev/null; then
    exec 9>build/lock
    flock -n 9 || {
        echo "patchbay: another build is running in this checkout; waiting for it" >&2
        flock 9
    }
    if [ "$mode" = --if-stale ]; then stale || exit 0; fi
fi
[ "$mode" != --if-stale ] || echo "patchbay: building; the first time this takes a minute or more" >&2

# A test that starts the launcher must not wait for the lock that this build holds.
export PATCHBAY_NO_BUILD=1
# Maven starts make for the native part, far from any make that started this.
unset MFLAGS MAKELEVEL
export MAKEFLAGS="-j$(nproc)"

# The stamp carries the time the build starts: what is saved while it runs is newer.
: >"$stamp.new"
maven() {
    mvn -B -ntp -Dstyle.color=never -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Dorg.slf4j.simpleLogger.log.org.codehaus.mojo.exec.ExecMojo=off "$@"
}
case $phase in
    package) maven -Dmaven.test.skip=true package ;;
    verify)
        maven -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info verify
        [ ! -f native/Makefile ] || make -s -C native BUILD=../build/native test
        ;;
    *)
        echo "build.sh: package or verify was expected, found $phase" >&2
        exit 2
        ;;
esac
cp "$here/find-jdk.sh" build/find-jdk.sh
sh "$here/warm-start.sh" || echo "patchbay: no start-up cache could be made; patchbay works without it and starts slower" >&2
mv "$stamp.new" "$stamp"
