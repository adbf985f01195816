/** 로그인과 권한. */
import type { accountsEn } from "./en";

export const accountsKo: Record<keyof typeof accountsEn, string> = {
  "login.title": "로그인",
  "login.name": "이름",
  "login.password": "비밀번호",
  "login.submit": "로그인",
  "login.over": "로그아웃되었거나 세션이 끝났습니다.",
  "login.nobody": "아직 로그인할 수 있는 계정이 없습니다",
  "login.nobody.remedy": "관리자 컴퓨터에서 첫 계정을 추가하세요: fleet user add NAME --role admin",
  "login.link": "로그인하는 중…",
  "login.lost": "비밀번호를 잊으셨나요? 관리자가 로그인 링크를 드릴 수 있습니다.",
  "account.menu": "내 계정",
  "account.logout": "로그아웃",
  "account.password": "비밀번호 변경",
  "account.password.old": "현재 비밀번호",
  "account.password.new": "새 비밀번호",
  "account.password.hint": "10자 이상. 단어 몇 개를 이으면 기억하기 쉽습니다.",
  "account.password.done": "비밀번호가 변경되었습니다. 다른 세션은 종료되었습니다.",
  "account.as": "{name} 이름으로",
  "account.notAllowed": "현재 역할로는 할 수 없습니다",
  "role.viewer": "열람자",
  "role.operator": "운영자",
  "role.dispatcher": "배차 담당자",
  "role.admin": "관리자",
};
