// Runs the tests from their TypeScript sources: esbuild strips the types of each file as it is loaded. Lines stay where
// they are, so that coverage and stack traces fit. tap's own loader does the same three times slower.
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
