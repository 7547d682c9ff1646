/** Where gateways and clients stand. Degrees. */
export const regions = {
  'eu-central': { latitude: 50.1, longitude: 8.7 },
  'us-east': { latitude: 39, longitude: -77.5 },
} as const;
export type Region = keyof typeof regions;
