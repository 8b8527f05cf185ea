#!/bin/sh
# Prints the settings of a new installation, with fresh keys and a fresh password of the database.
#   sh deploy/new-settings.sh https://preferences.example.com > /etc/sayso/sayso.env
set -eu
url=${1:?"Usage: new-settings.sh https://preferences.example.com"}
key() { openssl rand -base64 32; }

cat <<END
SAYSO_ENV=production
SAYSO_PUBLIC_URL=$url
SAYSO_DATABASE_URL=postgres://sayso:$(openssl rand -hex 24)@127.0.0.1:5432/sayso
SAYSO_DATA_DIR=/var/lib/sayso
SAYSO_SECRET_KEYS=$(key)
SAYSO_WITHDRAW_KEYS=$(key)
SAYSO_MANAGE_KEYS=$(key)
# Never changes. Keep a copy apart from the backups of the database.
SAYSO_FINGERPRINT_KEY=$(key)
SAYSO_METRICS_TOKEN=$(openssl rand -hex 24)
# Without a mail server, mail is written to files in SAYSO_DATA_DIR.
#SAYSO_SMTP_URL=smtp://user:password@mail.example.com:587
#SAYSO_MAIL_FROM="Preferences <preferences@example.com>"
END
