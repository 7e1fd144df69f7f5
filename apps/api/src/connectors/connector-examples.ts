export const connectorInputExample = { name: 'Shop', direction: 'in', provider: 'generic', trusted: false };

const ID = '0199f3c8-5d01-7e11-a2b3-c4d5e6f70819';

export const connectorExample = {
  id: ID,
  version: 1,
  ...connectorInputExample,
  enabled: true,
  url: `http://localhost:3000/v1/ingest/generic/${ID}`,
  createdAt: '2026-11-24T09:15:00.000Z',
  updatedAt: '2026-11-24T09:15:00.000Z',
};

export const newConnectorExample = {
  ...connectorExample,
  secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
};

export const connectorListExample = { items: [connectorExample], nextCursor: null };
