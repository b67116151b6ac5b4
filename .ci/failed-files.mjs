// Names the test files that failed in the newest run, one in a line, and has them counted as run again.
// Exits with 1 when there are none or more than three: then it is no matter of a busy moment.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder] = process.argv.slice(2);
const files = readdirSync(folder).map((name) => join(folder, name));
const newest = files.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).at(-1);
if (newest === undefined) process.exit(1);
const report = JSON.parse(readFileSync(newest, 'utf8'));
const failed = report.testResults.filter(({ status }) => status === 'failed');
if (failed.length === 0 || failed.length > 3) process.exit(1);
for (const { name } of failed) console.log(relative('.', name));
report.testResults = report.testResults.filter(({ status }) => status !== 'failed');
writeFileSync(newest.replace(/\.json$/, '-first.json'), JSON.stringify(report));
