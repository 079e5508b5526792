#!/bin/sh
# Makes folder TO hold exactly the jars of folder FROM. Called by Maven when the command line is packaged.
#
#   gather.sh FROM TO
#
# A jar that has not changed keeps its time, so that the start-up cache made from it stays valid. One that has is put in place by
# a rename: a Patchbay that is running keeps reading the file it opened.
set -eu
from=$1 to=$2
mkdir -p "$to"
for jar in "$from"/*.jar; do
    name=${jar##*/}
    cmp -s "$jar" "$to/$name" && continue
    cp "$jar" "$to/.$name.new"
    mv "$to/.$name.new" "$to/$name"
done
for jar in "$to"/*.jar; do
    [ -e "$from/${jar##*/}" ] || rm -f "$jar"
done
