// Usage: npm run generate
// Writes charts/latchkey/values.schema.json, so that Helm refuses what the configuration would.
import { writeFile } from 'node:fs/promises';
import { valuesSchema } from './values-schema.ts';

await writeFile(
  new URL('latchkey/values.schema.json', import.meta.url),
  `${JSON.stringify(valuesSchema(), undefined, 2)}\n`,
);
