#!/bin/sh
# Makes build/start.jsa, an archive of the classes that every command loads: patchbay maps it instead of reading jars.
#
# A class data sharing archive, and not the AOT cache of JEP 514: the latter leaves out picocli, whose class files are of a
# version from before verification by stack maps, and with it most of the gain. The archive is bound to one JDK (its folder is
# written beside it) and to the jars; where they differ, Java goes on without it.
set -eu
cd "$(dirname -- "$0")/../../../.."
archive=build/start.jsa
home=$(sh build/find-jdk.sh run)

# Starts the command with scratch as working folder: options cannot hold a path with spaces, a plain file name they can.
java_in_scratch() {
    (cd "$scratch" && PATCHBAY_NO_BUILD=1 PATCHBAY_JAVA_OPTIONS="$PATCHBAY_JAVA_OPTIONS -Xlog:disable" ../../patchbay "$@" >log 2>&1) || {
        cat "$scratch/log" >&2
        return 1
    }
}

if [ -f "$archive" ] && [ "$(cat build/start.jdk 2>/dev/null)" = "$home" ] &&
    [ -z "$(find build/lib -newer "$archive" -print -quit)" ]; then
    exit 0
fi

scratch=$(mktemp -d "$PWD/build/warm.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
rm -f build/start.jdk # from here until the end no launcher uses the archive
for arguments in --version --help; do
    PATCHBAY_JAVA_OPTIONS="-XX:DumpLoadedClassList=list" java_in_scratch $arguments
    # Resolving constants (@cp) and lambdas of the command links picocli's classes, and linked old classes are not archived.
    sed -e '/^@cp /d' -e '/^@lambda-proxy dev\/patchbay\/cli\//d' -e 's/ id: [0-9]*$//' "$scratch/list" >>"$scratch/lists"
done
awk '!seen[$0]++' "$scratch/lists" >"$scratch/classes"
PATCHBAY_JAVA_OPTIONS="-Xshare:dump -XX:SharedClassListFile=classes -XX:SharedArchiveFile=start.jsa" java_in_scratch
mv "$scratch/start.jsa" "$archive"
printf '%s\n' "$home" >"$scratch/start.jdk"
mv "$scratch/start.jdk" build/start.jdk
