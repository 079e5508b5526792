#!/bin/sh
# Prints the folder of a JDK that can build or run Patchbay; exit 3 with one line on standard error when there is none.
#
#   find-jdk.sh build   a JDK 25, 25.0.3 or later: the compiler's plugins are made for one major version
#   find-jdk.sh run     any Java, 25.0.3 or later
#
# JAVA_HOME wins, then the java (or javac) on PATH, then the newest of the usual places (25 before later majors).
# Versions are read from each JDK's `release` file: no JVM is started. Below 25.0.3, G1 may move pinned arrays (JDK-8377811).
# PATCHBAY_JDK_PLACES, a list of patterns separated by colons, replaces the usual places.

purpose=${1:-run}
places=${PATCHBAY_JDK_PLACES-"/usr/lib/jvm/*:/opt/*:/usr/java/*:/usr/local/java/*:${HOME-}/.sdkman/candidates/java/*:${HOME-}/.jdks/*"}
case $purpose in
    build) program=javac ;;
    *) program=java ;;
esac

# Sets rank to a number that grows with preference, or to 0 where the version will not do. $1: as in the release file.
rank() {
    rank=0 major=${1%%[!0-9]*} minor=0 update=0
    rest=${1#"$major"}
    case $rest in .[0-9]*) minor=${rest#.} rest=${minor#"${minor%%[!0-9]*}"} minor=${minor%%[!0-9]*} ;; esac
    case $rest in .[0-9]*) update=${rest#.} update=${update%%[!0-9]*} ;; esac
    [ "${major:-0}" -ge 25 ] || return 0
    if [ "$major" -eq 25 ]; then
        [ "$minor" -gt 0 ] || [ "$update" -ge 3 ] || return 0
        rank=$((1000000000 + minor * 1000 + update))
    elif [ "$purpose" != build ]; then
        rank=$((major * 1000000 + minor * 1000 + update))
    fi
}

found=
# Sets rank for the JDK in folder $1 and remembers what was seen, for the message.
examine() {
    rank=0
    [ -r "$1/release" ] || return 0
    version=
    while IFS='=' read -r key value; do
        [ "$key" = JAVA_VERSION ] || continue
        version=${value#\"} version=${version%%\"*}
        break
    done <"$1/release"
    [ -n "$version" ] || return 0
    rank "$version"
    note=
    [ -x "$1/bin/$program" ] || { rank=0 note=" without $program"; }
    case ", $found, " in *", $version$note ($1), "*) ;; *) found="${found:+$found, }$version$note ($1)" ;; esac
}

accept() {
    printf '%s\n' "$1"
    exit 0
}

if [ -n "${JAVA_HOME-}" ]; then
    examine "$JAVA_HOME"
    [ "$rank" -eq 0 ] || accept "$JAVA_HOME"
fi

if on_path=$(command -v "$program"); then
    on_path=$(readlink -f -- "$on_path")
    on_path=${on_path%/bin/*}
    examine "$on_path"
    [ "$rank" -eq 0 ] || accept "$on_path"
fi

best= best_rank=0
IFS=:
for folder in $places; do
    examine "$folder"
    [ "$rank" -le "$best_rank" ] || { best=$folder best_rank=$rank; }
done
unset IFS
[ -z "$best" ] || accept "$best"

case $purpose in
    build) wanted="a JDK 25 (25.0.3 or a later 25)" ;;
    *) wanted="Java 25.0.3 or later" ;;
esac
echo "patchbay: $wanted is needed to $purpose and was not found; looked at JAVA_HOME (${JAVA_HOME:-not set}), PATH and $places;" \
    "found ${found:-no Java at all}; install one (for example Temurin 25) or set JAVA_HOME to its folder" >&2
exit 3
