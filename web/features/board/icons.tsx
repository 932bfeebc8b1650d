export { PriorityIcon, priorityLabels, TypeIcon, typeLabels } from "../../components/ticket-icons.tsx";
