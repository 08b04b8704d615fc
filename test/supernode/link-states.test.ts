import t from 'tap';
import { LinkStates } from '../../src/supernode/link-states.ts';
import { peerAt, somebody } from './support.ts';

const who = somebody();

t.test('ten seconds of a link are its lag, its share of lost packets and its kilobytes', (t) => {
  const states = new LinkStates(0);
  states.sample([peerAt(0x13n, who, { received: 5, lost: 1, receivedBytes: 1_000 })], 0);
  t.equal(states.news(0x13n), null, 'nothing before a slot is full');
  states.sample([peerAt(0x13n, who, { received: 80, lost: 26, receivedBytes: 11_240, rttMs: 12.4 })], 10_000);
  t.same(states.news(0x13n), { firstSlot: 0, slots: [{ lagMs: 12, drops: 65_534, kilobytes: 10 }], upTo: 1 });
  t.equal(states.news(0x12n), null, 'a stranger has none');
  t.end();
});

t.test('a few lost packets are counted in units of 2^-18', (t) => {
  const states = new LinkStates(0);
  states.sample([peerAt(0x13n, who)], 0);
  states.sample([peerAt(0x13n, who, { received: 1_023, lost: 1 })], 10_000);
  t.equal(states.news(0x13n)?.slots[0]?.drops, 256);
  t.end();
});

t.test('counters that begin anew count from zero, and an unknown round trip as none', (t) => {
  const states = new LinkStates(0);
  states.sample([peerAt(0x13n, who, { received: 500, lost: 9, receivedBytes: 90_000 })], 0);
  states.sample([peerAt(0x13n, who, { received: 64, lost: 0, receivedBytes: 2_048, rttMs: null })], 10_000);
  t.same(states.news(0x13n)?.slots, [{ lagMs: 0, drops: 0, kilobytes: 2 }]);
  t.end();
});

t.test('what was confirmed is not said again, and eighteen slots are kept', (t) => {
  const states = new LinkStates(0);
  for (let slot = 0; slot <= 20; slot++) states.sample([peerAt(0x13n, who)], slot * 10_000);
  const news = states.news(0x13n);
  t.same([news?.firstSlot, news?.slots.length, news?.upTo], [2, 18, 20]);
  states.confirm(0x13n, 20);
  t.equal(states.news(0x13n), null);
  states.sample([peerAt(0x13n, who)], 210_000);
  t.same([states.news(0x13n)?.firstSlot, states.news(0x13n)?.slots.length], [20 % 18, 1]);
  t.end();
});

t.test('another peer with the same label begins with nothing', (t) => {
  const states = new LinkStates(0);
  states.sample([peerAt(0x13n, who, { received: 5, receivedBytes: 1_000 })], 0);
  states.sample([peerAt(0x13n, who, { received: 50, receivedBytes: 9_000 })], 10_000);
  const other = somebody();
  states.sample([peerAt(0x13n, other, { received: 60, receivedBytes: 10_000 })], 15_000);
  t.equal(states.news(0x13n), null, 'not what the other one did');
  states.sample([peerAt(0x13n, other, { received: 70, receivedBytes: 11_024 })], 20_000);
  t.same(states.news(0x13n)?.slots, [{ lagMs: 12, drops: 0, kilobytes: 1 }]);
  t.end();
});

t.test('a link that is gone is forgotten', (t) => {
  const states = new LinkStates(0);
  states.sample([peerAt(0x13n, who)], 0);
  states.sample([peerAt(0x13n, who)], 10_000);
  states.sample([], 20_000);
  t.equal(states.news(0x13n), null);
  t.end();
});
