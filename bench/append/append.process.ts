import { answer } from '../support/in-child.ts';
import { appendLoad } from './append-load.ts';

answer(appendLoad);
