import { answer } from '../support/in-child.ts';
import { load } from './load.ts';

answer(load);
