/** 登录与权限。 */
import type { accountsEn } from "./en";

export const accountsZh: Record<keyof typeof accountsEn, string> = {
  "login.title": "登录",
  "login.name": "用户名",
  "login.password": "密码",
  "login.submit": "登录",
  "login.over": "您已退出，或会话已过期。",
  "login.nobody": "还没有可以登录的账户",
  "login.nobody.remedy": "请在管理器所在的计算机上添加第一个账户：fleet user add NAME --role admin",
  "login.link": "正在登录…",
  "login.lost": "忘记密码？管理员可以给您一个登录链接。",
  "account.menu": "我的账户",
  "account.logout": "退出登录",
  "account.password": "修改密码",
  "account.password.old": "当前密码",
  "account.password.new": "新密码",
  "account.password.hint": "至少 10 个字符；几个词连在一起容易记住。",
  "account.password.done": "密码已修改，您的其他会话已结束。",
  "account.as": "以 {name} 的身份",
  "account.notAllowed": "您的角色无权执行此操作",
  "role.viewer": "查看者",
  "role.operator": "操作员",
  "role.dispatcher": "调度员",
  "role.admin": "管理员",
};
