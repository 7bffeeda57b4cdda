import { generateBuiltInSchemas } from './generate.ts';

const outFile = process.argv[2];
if (outFile === undefined) {
  process.stderr.write('usage: builtin-schema/main.ts OUTFILE\n');
  process.exitCode = 2;
} else {
  generateBuiltInSchemas(outFile);
}
