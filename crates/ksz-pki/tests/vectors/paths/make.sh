#!/bin/sh
# Writes four authorities and the certificates that each signed with SHA-256, SHA-384 and SHA-512.
set -eu
out=$1
work=$(mktemp -d)
cd "$work"
cat > ca.cnf <<'CNF'
[ca]
default_ca = one
[one]
database = index
serial = serial
new_certs_dir = .
policy = any
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
CNF
: > index
openssl ecparam -genkey -name prime256v1 -noout -out leaf.key
openssl req -new -key leaf.key -subj /CN=leaf -out leaf.csr
days="-startdate 20260101000000Z -enddate 20270101000000Z"
# NAME KEY-ARGUMENTS...
authority() {
    name=$1
    shift
    openssl genpkey "$@" -out "$name.key" 2> /dev/null
    openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
    openssl ca -batch -config ca.cnf -notext $days -selfsign -extensions authority -md sha256 \
        -keyfile "$name.key" -in "$name.csr" -out "$out/$name.pem" 2> /dev/null
}
# AUTHORITY NAME-PART SIGNATURE-OPTIONS...
leaves() {
    name=$1 part=$2
    shift 2
    for digest in sha256 sha384 sha512; do
        openssl ca -batch -config ca.cnf -notext $days -extensions leaf -md $digest "$@" \
            -keyfile "$name.key" -cert "$out/$name.pem" -in leaf.csr -out "$out/$name-$part$digest.pem" 2> /dev/null
    done
}
authority rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
authority p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
authority p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
authority p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
leaves rsa pkcs1-
leaves rsa pss- -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
leaves p256 ''
leaves p384 ''
leaves p521 ''
rm -rf "$work"
