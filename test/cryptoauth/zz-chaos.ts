import { A, B, pair, pick, restarted, seededRng } from './support.ts';
import { forgetPongs, randomFaults, works, world } from './network.ts';
for (const [ra, rb] of [['hardened','hardened'],['hardened','stock'],['stock','hardened'],['stock','stock']] as const) {
  const t0=performance.now(); const times:number[]=[]; const bad:string[]=[];
  for (let seed=0; seed<1000; seed++) {
    const rng = seededRng(`chaos ${seed}`);
    const {a,b}=pair({rules:ra, rng: seededRng(`a${seed}`)},{rules:rb, rng: seededRng(`b${seed}`)});
    const spread=[50,300,1000,3000,8000][pick(rng,5)] as number; const loss=pick(rng,40);
    const w = world(a,b, randomFaults(rng, spread, loss, 20000));
    w.start(0, pick(rng,2000)); w.start(1, pick(rng,2000));
    const ops=pick(rng,8);
    for (let i=0;i<ops;i++) {
      const side = pick(rng,2) as 0|1; const kind=pick(rng,3);
      w.at(pick(rng,20000), ()=> {
        const s = w.sides[side];
        if (kind===0) s.party = restarted(s.party, side===0?B:A, {}, `r${seed} ${i}`);
        else if (kind===1) s.party.association.resetHandshake(w.nowMs());
        else if (s.party.environment.rules==='hardened' && s.party.association.stateNumber===100) w.ping(side,'pending');
      });
    }
    w.runUntil(20000+spread); forgetPongs(w);
    const start=w.nowMs();
    w.runUntil(start+100000, ()=>works(w));
    times.push(w.nowMs()-start);
    if (w.nowMs()-start>15000) bad.push(`${seed}:${spread}:${w.nowMs()-start}`);
  }
  times.sort((x,y)=>x-y);
  const q=(p:number)=>times[Math.floor((times.length-1)*p)];
  console.log(ra,rb,'ms',q(.5),q(.9),q(.99),q(1),'over15s',bad.length,bad.slice(0,8).join(' '),'took',performance.now()-t0);
}
