export const certificateExample = {
  id: '0199f3c6-2a10-7c44-b1d0-7a1b2c3d4e5f',
  addresses: ['ann@customer.example'],
  subject: 'CN=Ann Example',
  issuer: 'CN=Ann Example',
  fingerprint: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  serialNumber: '4b2f',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2028-01-01T00:00:00.000Z',
  keyType: 'rsa',
  keySizeBits: 2048,
  trust: { status: 'unchecked', reason: 'No trust anchors are configured, so its chain was not checked.' },
  pem: '-----BEGIN CERTIFICATE-----\nMIIC…\n-----END CERTIFICATE-----\n',
  createdAt: '2026-11-24T09:10:00.000Z',
};

export const certificateListExample = { items: [certificateExample], nextCursor: null };

export const certificatesExample = {
  items: [certificateExample],
  refused: [{ fingerprint: '0a'.repeat(32), subject: 'CN=Old', problems: ['ERR_CERTIFICATE_EXPIRED'] }],
};

export const capabilitiesExample = {
  address: 'ann@customer.example',
  protection: 'smime',
  wouldHold: null,
  why: 'There is a certificate that mail may be sealed to now.',
  keys: [
    {
      type: 'smime',
      certificateId: certificateExample.id,
      notAfter: certificateExample.notAfter,
      usable: true,
      problems: [],
    },
  ],
};
