#!/bin/sh
# Writes the passwords that deploy/compose.yaml and a ClickHouse server need into a folder, each in a file of its own, and
# prints none of them. What is there already stays: run it again after an update. Needs od, sha256sum and sed.
#
#   deploy/secrets.sh [FOLDER]    # deploy/secrets by default, which git ignores
set -eu
umask 077

folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
cd "$folder"

# Readable by the users that the containers run as; the folder is its owner's alone.
secret() {
    [ -s "$1" ] || od -An -vtx1 -N24 /dev/urandom | tr -d ' \n' >"$1"
    chmod 0444 "$1"
}

hash() {
    sha256sum "$1" | cut -d ' ' -f 1
}

users='partnerplus bi_service executive analyst partner_manager support marketing monitor'
for user in $users; do
    secret "clickhouse-$user"
done
secret grafana-admin
secret serve-password
secret serve-token
secret s3-access-key
secret s3-secret-key

{
    echo '<!-- Written by deploy/secrets.sh: the users of partnerplus-users.xml and the SHA-256 of their passwords. -->'
    echo '<clickhouse><users>'
    for user in $users; do
        echo "    <$user><password_sha256_hex>$(hash "clickhouse-$user")</password_sha256_hex></$user>"
    done
    echo '</users></clickhouse>'
} >partnerplus-passwords.xml.new
chmod 0444 partnerplus-passwords.xml.new
mv -f partnerplus-passwords.xml.new partnerplus-passwords.xml
echo "secrets are in $(pwd)"
