/** As much of an OpenAPI schema as scripts/kubernetes-schemas.mjs keeps; `true`: anything, since no manifest went there. */
export type Schema =
  | true
  | {
      readonly type?: string;
      readonly format?: string;
      readonly enum?: readonly unknown[];
      readonly required?: readonly string[];
      readonly pattern?: string;
      readonly minimum?: number;
      readonly maximum?: number;
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly properties?: Readonly<Record<string, Schema>>;
      readonly additionalProperties?: Schema;
      readonly items?: Schema;
    };

/** What the API server would refuse in a strict apply, such as `spec.template.spec.contaners is unknown`; empty when it is well. */
export function schemaProblems(schema: Schema, value: unknown, at = ''): string[] {
  if (schema === true) return [];
  const problem = problemOfValue(schema, value);
  if (problem !== undefined) return [`${at} ${problem}`];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => schemaProblems(schema.items ?? true, item, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const inside = Object.entries(value).flatMap(([name, field]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    // An object of which nothing is said, such as a selector that a schema keeps open.
    if (known === undefined && schema.properties === undefined) return [];
    return known === undefined ? [`${at}.${name} is unknown`] : schemaProblems(known, field, `${at}.${name}`);
  });
  return [...missing, ...inside];
}

function problemOfValue(schema: Exclude<Schema, true>, value: unknown): string | undefined {
  if (schema.type !== undefined && !isOfType(schema.type, value)) return `is not of type ${schema.type}`;
  if (schema.format === 'int-or-string' && typeof value !== 'string' && !Number.isInteger(value)) {
    return 'is neither a whole number nor a string';
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) return `is none of ${schema.enum.join(', ')}`;
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity)) return `is less than ${schema.minimum}`;
    if (value > (schema.maximum ?? Infinity)) return `is more than ${schema.maximum}`;
  }
  if (typeof value === 'string') {
    if (value.length < (schema.minLength ?? 0)) return 'is too short';
    if (value.length > (schema.maxLength ?? Infinity)) return 'is too long';
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) return `is not like ${schema.pattern}`;
  }
  return undefined;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
